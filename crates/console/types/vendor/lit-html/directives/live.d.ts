import type { DirectiveResult } from "../directive.js";

export function live(value: unknown): DirectiveResult;
