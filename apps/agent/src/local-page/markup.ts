/** Markup: a template for HTML that escapes each value. Only other markup stays as it is. */

/** Text that is HTML already. Only `markup` makes it. */
export class Markup {
  readonly html: string
  constructor(html: string) {
    this.html = html
  }
}

export type MarkupValue = Markup | string | number | undefined | readonly Markup[]

/** A tag for template literals. Undefined values leave no trace. */
export const markup = (parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup =>
  new Markup(parts.map((part, at) => (at === 0 ? part : `${htmlOf(values[at - 1])}${part}`)).join(''))

function htmlOf(value: MarkupValue): string {
  if (value === undefined) return ''
  if (value instanceof Markup) return value.html
  if (typeof value === 'object') return value.map(({ html }) => html).join('')
  return String(value).replaceAll(/[&<>"']/g, (character) => ESCAPED[character] ?? '')
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
