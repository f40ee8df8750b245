/** Version facts: size, origin, the facts for a runtime, and the signer. */
import type { GoldenSource } from '@skerry/contract/devices/golden'
import { kinds, type VersionKind } from '@skerry/contract/kinds/kinds'
import type { VersionDetail } from '@skerry/contract/models/model'
import { Card, Facts, LabelTags } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { kindRow } from '../../kinds/kinds.ts'
import { texts } from '../../texts/english.ts'
import { devicePageTexts } from '../device/english-device-page.ts'
import { modelTexts } from './english-models.ts'

const words = texts.version

/** The hub runs only the kinds that answer requests for inference. */
const sourceText = (kind: VersionKind, source: GoldenSource): string =>
  kinds[kind].serves ? modelTexts.golden.sources[source] : modelTexts.golden.unrun

export function FactsCard({ version }: { version: VersionDetail }) {
  const { bundle } = version
  const key = bundle.verificationMaterial.publicKey.hint
  return (
    <Card title={words.facts}>
      <Facts
        rows={[
          [words.size, sizeText(version.sizeBytes)],
          ...(kindRow(version.kind).facts?.(version) ?? []),
          ...(version.goldenSource
            ? ([[modelTexts.golden.source, sourceText(version.kind, version.goldenSource)]] as const)
            : []),
          [words.signed, <Copyable key="signed" value={key} what={words.signed} />],
          [
            words.pushed,
            <span key="pushed">
              <Instant ms={version.createdAtMs} isAbsolute /> {texts.model.by(version.createdBy)}
            </span>,
          ],
          ...(Object.keys(version.labels).length > 0
            ? ([[devicePageTexts.labels, <LabelTags key="labels" labels={version.labels} />]] as const)
            : []),
        ]}
      />
    </Card>
  )
}
