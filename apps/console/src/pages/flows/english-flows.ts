/** The texts about the drawing of a flow. */
export const flowGraphTexts = {
  title: 'Graph',
  parts: { input: 'Input', step: 'Step', sink: 'Sink' },
  node: (part: string, name: string) => `${part} ${name}`,
  said: (name: string) => `What ${name} says`,
} as const
