/**
 * Button link: the look of a button, for links. A way to another page is a link, so that it can open in a tab of its
 * own.
 */

const SHAPE =
  'inline-flex h-8.5 shrink-0 items-center justify-center gap-1.5 rounded-md border px-3 text-sm font-medium whitespace-nowrap transition-colors'

export const BUTTON_LINK = {
  primary: `${SHAPE} border-transparent bg-accent text-on-accent hover:bg-accent-strong`,
  plain: `${SHAPE} border-line-strong bg-surface text-text hover:bg-raised`,
} as const
