/** Fake models: a pushed model as the hub lists it, with its versions, newest first. */
import type { PushRequest, Version } from '@skerry/contract/models/model'
import { ANOMALY, NOW_MS } from './fake-data.ts'
import { type FakeState, type Implementer, refusal } from './fake-state.ts'

export function modelReaders(os: Implementer, state: FakeState) {
  const { pushes } = state
  const versionsOf = (name: string) =>
    pushes
      .filter((push) => push.name === name)
      .map(versionOf)
      .reverse()
  return {
    get: os.model.get.handler(({ input: { name } }) => {
      const versions = versionsOf(name)
      const [latest] = versions
      if (!latest) throw refusal('model_unknown')
      const counts = { versionCount: versions.length, latestVersion: latest.version }
      return {
        deployable: {
          name,
          kind: latest.kind,
          ...counts,
          aliases: {},
          createdAtMs: NOW_MS,
          ...(state.running && { running: state.running }),
        },
        versions,
        usedBy: [],
      }
    }),
    versions: os.model.versions.handler(({ input: { name } }) => ({ rows: versionsOf(name) })),
  }
}

function versionOf({ name, files, golden, labels }: PushRequest, index: number): Version {
  const { id, kind, digest, createdAtMs, createdBy } = ANOMALY
  return {
    id,
    name,
    kind,
    version: index + 1,
    digest,
    files: files.map((file) => ({ ...file, sizeBytes: 1 })),
    sizeBytes: 1,
    goldenCases: golden?.cases.length ?? 0,
    labels: labels ?? {},
    aliases: [],
    createdAtMs,
    createdBy,
  }
}
