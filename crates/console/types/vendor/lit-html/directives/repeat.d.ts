import type { DirectiveResult } from "../directive.js";

export function repeat<Item>(
  items: Iterable<Item>,
  keyOf: (item: Item, index: number) => unknown,
  template: (item: Item, index: number) => unknown,
): DirectiveResult;
