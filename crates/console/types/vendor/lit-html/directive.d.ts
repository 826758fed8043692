export interface DirectiveResult {
  values: unknown[];
}

export class Directive {
  render(...values: unknown[]): unknown;
  update(part: { element: HTMLElement }, values: unknown[]): unknown;
}

export function directive(type: typeof Directive): (...values: unknown[]) => DirectiveResult;
