// As much of lit-html's types as the page uses.

export interface Template {
  strings: TemplateStringsArray;
}

export function html(strings: TemplateStringsArray, ...values: unknown[]): Template;
export function svg(strings: TemplateStringsArray, ...values: unknown[]): Template;
export const nothing: unique symbol;
export function render(value: unknown, container: HTMLElement, options?: { host?: object }): void;
