/** Texts of all kinds of versions. A row of the table of kinds has the texts of one kind. */
export const kindTexts = {
  noPart: 'This kind of version cannot be compared or tried here.',
} as const
