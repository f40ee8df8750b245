/** Texts of all kinds of versions. A row of the table of kinds has the texts of one kind. */
export const kindTexts = {
  noPart: 'You cannot compare or try this kind of version.',
  agent: {
    noun: 'agent',
    untried: 'Deploy it. Each device checks a new agent before it takes over.',
    version: 'Agent',
    architectures: 'For',
    node: 'Node.js',
    ownNode: (version: string) => `${version}, installed on the device`,
  },
  os: {
    noun: 'operating system',
    untried: 'Deploy it. Each device checks the signature of the image before it installs it.',
    version: 'Image',
    hardware: 'Hardware',
    anyHardware: 'any',
  },
  gguf: { noun: 'language model' },
  chat: {
    noun: 'chat model',
    app: 'Answered by the app',
    model: 'Model in the app',
    answers: 'Answers',
    answersOf: (tokens: number, hasSchema: boolean) => `${tokens} tokens${hasSchema ? ', bound by a JSON schema' : ''}`,
    prompts: 'Golden prompts',
    promptsNone: 'none: devices cannot compare their answers',
  },
  data: {
    noun: 'data',
    untried: 'Deploy them. Each device replaces the files as a whole.',
    description: 'Description',
  },
  system: {
    noun: 'system',
    untried: 'Deploy it. Each device installs the parts in their order, and returns the whole if one fails.',
  },
  hosted: {
    noun: 'hosted model',
    runtime: 'Loaded by the app',
    golden: 'Golden cases',
    goldenNone: 'none: devices cannot compare their answers',
  },
  served: {
    noun: 'served model',
    app: 'Answered by the app',
    model: 'Model in the app',
    golden: 'Golden cases',
    goldenNone: 'none: devices cannot compare their answers',
  },
} as const
