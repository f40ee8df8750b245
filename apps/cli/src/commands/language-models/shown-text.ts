/** Shown text: an answer is untrusted text, and a terminal obeys control characters. */

const CONTROL = /(?![\n\t])\p{Cc}/gu

/** The text with line breaks and tabs, and no other control characters. */
export const shownText = (text: string): string => text.replaceAll(CONTROL, '')
