/** Signature card: who signed what, and how to verify it without this page. */
import { bytesOfBase64 } from '@skerry/client/base64'
import { problemOf } from '@skerry/client/problem'
import type { VersionDetail } from '@skerry/contract/models/model'
import { ModelStatement } from '@skerry/contract/models/signature'
import { useQuery } from '@tanstack/react-query'
import { Download, ShieldAlert, ShieldCheck } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card, Facts } from '../../../components/card.tsx'
import { Copyable, CopyButton, shortDigest } from '../../../components/facts/copyable.tsx'
import { toast } from '../../../components/toasts.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { texts } from '../../../texts/english.ts'
import { saveText } from '../../playground/save-text.ts'
import { modelTexts } from '../english-models.ts'
import { modelQueries } from '../model-queries.ts'

const words = modelTexts.signature

/** The card. What the page says is the hub's word; the command checks it. */
export function SignatureCard({ version }: { version: VersionDetail }) {
  const { model, version: number, bundle } = version
  const key = bundle.verificationMaterial.publicKey.hint
  const statement = useMemo(() => statementOf(version), [version])
  const name = `${model}:${number}`
  return (
    <Card title={words.title} aside={<Trust version={version} />}>
      <div className="flex flex-col gap-4">
        <Facts
          rows={[
            [words.key, <Copyable key="key" value={key} shown={shortDigest(key)} what={words.key} />],
            [words.names, statement?.subject[0]?.name ?? ''],
            [
              words.covers,
              statement && coversAll(version, statement) ? words.coversAll(version.files.length) : words.coversOthers,
            ],
            [words.format, words.formatName],
            ...(statement?.predicate.skerry_lineage === undefined ? [] : [['', words.lineage] as const]),
          ]}
        />
        <Publishers version={version} />
        <div>
          <h3 className="text-xs font-medium text-soft">{words.verify}</h3>
          <Command text={`skerry model pull ${name} --output ./${model}-${number}`} />
          <Command text={`skerry model verify ./${model}-${number} --is ${name}`} />
          <p className="mt-1.5 text-xs text-soft">{words.verifyHint}</p>
        </div>
        <SbomButton version={version} />
      </div>
    </Card>
  )
}

/** What devices would say. */
function Trust({ version: { model, version } }: { version: VersionDetail }) {
  const { data } = useQuery(modelQueries.versionTrust(model, String(version)))
  if (!data) return null
  const Icon = data.problem ? ShieldAlert : ShieldCheck
  return (
    <span
      className={`inline-flex items-center gap-1.5 text-xs font-medium ${data.problem ? 'text-warn' : 'text-good'}`}
      title={data.problem?.message}
    >
      <Icon size={15} aria-hidden />
      {data.problem ? words.untrusted : words.trusted}
    </span>
  )
}

/** Who has signed besides the hub. */
function Publishers({ version: { model, version } }: { version: VersionDetail }) {
  const { data } = useQuery(modelQueries.versionTrust(model, String(version)))
  const others = data?.signatures.slice(1) ?? []
  if (others.length === 0) return null
  return (
    <Facts
      rows={others.map(({ keyId, name }) => [
        words.publisher,
        <Copyable key={keyId} value={keyId} shown={name ?? shortDigest(keyId)} what={words.key} />,
      ])}
    />
  )
}

/** What it is made of, for tools of the supply chain. */
function SbomButton({ version: { model, version } }: { version: VersionDetail }) {
  const save = async () => {
    try {
      const sbom = await hub.model.sbom({ model, version: String(version) })
      saveText(`${model}-${version}.cdx.json`, JSON.stringify(sbom, undefined, 2), 'application/vnd.cyclonedx+json')
    } catch (error) {
      toast('bad', texts.common.failed, problemOf(error).message)
    }
  }
  return (
    <Button isSmall className="self-start" onClick={() => void save()}>
      <Download size={13} aria-hidden />
      {words.sbom}
    </Button>
  )
}

const Command = ({ text }: { text: string }) => (
  <div className="mt-1.5 flex items-center gap-1 rounded-md bg-raised py-1 pr-1 pl-2.5">
    <code className="min-w-0 flex-1 font-mono text-xs wrap-anywhere">{text}</code>
    <CopyButton value={text} what={text} />
  </div>
)

function statementOf({ bundle }: VersionDetail): ModelStatement | undefined {
  const text = new TextDecoder().decode(bytesOfBase64(bundle.dsseEnvelope.payload))
  return ModelStatement.safeParse(JSON.parse(text)).data
}

/** Whether what was signed is what the version holds, file by file. */
function coversAll({ files }: VersionDetail, { predicate }: ModelStatement): boolean {
  const signed = new Map(predicate.resources.map(({ name, digest }) => [name, `sha256:${digest}`]))
  return signed.size === files.length && files.every(({ path, digest }) => signed.get(path) === digest)
}
