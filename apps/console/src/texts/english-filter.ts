/** The texts of the filter field above a list. */

export const filterTexts = {
  filter: {
    placeholder: (example: string) => `Words, or ${example}`,
    help: 'How to filter',
    helpWords: 'Words: the row must contain each of them, in any order. “field:value” looks in one field.',
    helpExpression: 'Or a CEL expression, as in the command line’s --filter:',
    kind: (sample: unknown) => {
      if (typeof sample === 'number') return 'number'
      if (typeof sample === 'boolean') return 'true or false'
      if (Array.isArray(sample)) return 'list'
      return typeof sample === 'object' ? 'map, such as of labels' : 'text'
    },
  },
} as const
