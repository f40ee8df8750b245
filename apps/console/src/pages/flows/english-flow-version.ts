/** Texts of a version that is a flow. */
export const flowVersionTexts = {
  parts: 'What it does',
  columns: { part: 'Part', name: 'Name', what: 'What', from: 'From' },
  part: { input: 'Input', step: 'Step', sink: 'Sink' },
  tag: (source: string, tag: string) => `tag ${source}/${tag}`,
  place: (sink: string) => `sink ${sink}`,
  hub: 'this hub',
  needs: 'What a device must have',
  models: 'Models',
  sources: 'Sources',
  sinks: 'Sinks',
  none: 'none',
  golden: 'Golden outputs',
  goldenNone: 'none: devices cannot try it before it is live',
  notModel: 'This is a flow: only models can be compared or tried here.',
} as const
