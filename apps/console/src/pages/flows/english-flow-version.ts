/** The texts of a version of the kind flow. */
export const flowVersionTexts = {
  parts: 'Parts',
  columns: { part: 'Part', name: 'Name', what: 'What', from: 'From' },
  part: { input: 'Input', step: 'Step', sink: 'Sink' },
  tag: (source: string, tag: string) => `tag ${source}/${tag}`,
  place: (sink: string) => `sink ${sink}`,
  hub: 'this hub',
  needs: 'Requirements',
  models: 'Models',
  sources: 'Sources',
  sinks: 'Sinks',
  none: 'none',
  golden: 'Golden outputs',
  goldenNone: 'none: devices cannot test it before it is live',
  notModel: 'You can compare or try models only. This is a flow.',
} as const
