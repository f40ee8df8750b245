import { VersionReference } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { diffOf } from '../../kinds/kinds.ts'
import { command, fits, flag, required } from '../../program/command.ts'
import { loadEvidence } from './compare/diff-evidence.ts'

export const diffModel = command({
  name: 'model diff',
  summary: 'Compare two versions of a model: outputs in numbers, signature, operators, size, latency, deployments',
  examples: [
    'skerry model diff anomaly 1 2',
    'skerry model diff anomaly @champion latest --json',
    'skerry model diff anomaly 1 2 --stored',
  ],
  arguments: {
    name: required('<model>', 'name of the model', fits(Name)),
    from: required('<from>', 'a version: a number, latest or @alias', fits(VersionReference)),
    to: required('<to>', 'the version to compare it with', fits(VersionReference)),
  },
  options: { isStored: flag('--stored', 'compare stored outputs only, and run nothing on the hub') },
  async run({ name, from, to, isStored }, session) {
    const hub = await session.hub()
    const { client } = hub
    const { signal, style } = session
    const [before, after] = await Promise.all([
      client.model.getVersion({ name, version: from }, { signal }),
      client.model.getVersion({ name, version: to }, { signal }),
    ])
    const differ = diffOf(before, after)
    const evidence = await loadEvidence(hub, { from: before, to: after, mayRun: !isStored }, signal)
    const diff = differ(evidence)
    session.print({ json: diff.json, text: () => diff.text(style) })
  },
})
