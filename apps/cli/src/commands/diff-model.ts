/** `skerry model diff` */
import { VersionReference } from '@skerry/contract/model'
import { Name } from '@skerry/contract/names'
import { diffVersions } from '@skerry/core/model-diff'
import { command, fits, required } from '../command.ts'
import { diffText } from '../diff-view.ts'
import { exitCodes, Failure } from '../failure.ts'

export const diffModel = command({
  name: 'model diff',
  summary: 'Say what changes from one version of a model to another: signature, operators, files, sizes, golden cases',
  examples: ['skerry model diff anomaly 1 2', 'skerry model diff anomaly @champion latest --json'],
  arguments: {
    model: required('<model>', 'name of the model', fits(Name)),
    from: required('<from>', 'a version: a number, latest or @alias', fits(VersionReference)),
    to: required('<to>', 'the version that would take its place', fits(VersionReference)),
  },
  options: {},
  async run({ model, from, to }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const [before, after] = await Promise.all([
      client.model.getVersion({ model, version: from }, { signal }),
      client.model.getVersion({ model, version: to }, { signal }),
    ])
    if (before.kind === 'flow' || after.kind === 'flow') {
      throw new Failure({
        code: 'version_not_model',
        message: `${model} is a flow`,
        next: `"skerry flow show ${model}:${after.version}" shows one version of it`,
        exitCode: exitCodes.failed,
      })
    }
    const diff = diffVersions(before, after)
    session.print({
      json: { model, from: before.version, to: after.version, ...diff },
      text: () => diffText({ model, from: before.version, to: after.version, diff }, style),
    })
  },
})
