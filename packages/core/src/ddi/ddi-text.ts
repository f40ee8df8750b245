/** DDI text: words of a device, made safe to store, to hash and to show. */

/**
 * The text on one line, with at most so many characters. A control character could steer the terminal of a reader, and a
 * lone surrogate has no UTF-8 form. A cut can make one.
 */
export const plainText = (text: string, charactersMax: number): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, charactersMax)
    .toWellFormed()
