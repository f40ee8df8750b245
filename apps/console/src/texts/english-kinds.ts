/** Texts of all kinds of versions. A row of the table of kinds has the texts of one kind. */
export const kindTexts = {
  noPart: 'You cannot compare or try this kind of version.',
} as const
