/** Signing keys card: whose signatures on models count, and which models need them. */
import type { SigningKey } from '@skerry/contract/models/trust'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { Copyable, shortDigest } from '../../../components/facts/copyable.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { modelQueries } from '../../models/model-queries.ts'
import { settingsTexts } from '../english-settings.ts'
import { PemLink } from './pem-link.tsx'

const certificateWords = settingsTexts.certificates
const words = settingsTexts.signing

type Asked = { act: 'rotate' } | { act: 'retire' | 'revoke'; key: SigningKey }

/** The keys. */
export function SigningKeysCard() {
  const { data } = useQuery(modelQueries.signingKeys())
  const [asked, setAsked] = useState<Asked>()
  const rotate = (
    <GuardedButton isSmall permission="trust.write" onClick={() => setAsked({ act: 'rotate' })}>
      {words.rotate}
    </GuardedButton>
  )
  return (
    <Card title={certificateWords.signingKeys} aside={rotate} isFlush>
      <PlainTable
        label={certificateWords.signingKeys}
        headers={[
          words.columns.name,
          words.columns.kind,
          words.columns.state,
          words.columns.versions,
          certificateWords.keyId,
          certificateWords.publicKey,
          words.columns.acts,
        ]}
        rows={(data ?? []).map((key) => ({ key: key.keyId, cells: cellsOf(key, setAsked) }))}
      />
      {asked && <Question asked={asked} onClose={() => setAsked(undefined)} />}
    </Card>
  )
}

function cellsOf(key: SigningKey, ask: (asked: Asked) => void) {
  const { keyId, name, kind, state, versions, publicKeyPem } = key
  const isRevocable = state !== 'revoked' && !(kind === 'hub' && state === 'active')
  return [
    name,
    words.kind[kind],
    words.state[state],
    versions,
    <Copyable key="id" value={keyId} shown={shortDigest(keyId)} what={certificateWords.keyId} />,
    <PemLink key="pem" pem={publicKeyPem} name={`skerry-signing-key-${name}.pem`} />,
    <span key="acts" className="inline-flex gap-1.5">
      {kind === 'publisher' && state === 'active' && (
        <GuardedButton isSmall permission="trust.write" onClick={() => ask({ act: 'retire', key })}>
          {words.retire}
        </GuardedButton>
      )}
      {isRevocable && (
        <GuardedButton isSmall look="danger" permission="trust.write" onClick={() => ask({ act: 'revoke', key })}>
          {words.revoke}
        </GuardedButton>
      )}
    </span>,
  ]
}

function Question({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const client = useQueryClient()
  const again = async <T,>(done: Promise<T>) => {
    await done
    await client.invalidateQueries({ queryKey: ['keys'] })
  }
  if (asked.act === 'rotate') {
    const run = () => again(hub.signingKey.rotate({}))
    return (
      <Confirmation
        {...{ title: words.rotateTitle, lead: words.rotateLead, verb: words.rotate, run, done: words.rotated, onClose }}
      />
    )
  }
  const { keyId: signingKey, name } = asked.key
  if (asked.act === 'retire') {
    const run = () => again(hub.signingKey.retire({ signingKey }))
    const said = { title: words.retireTitle(name), lead: words.retireLead, done: words.retired(name) }
    return <Confirmation {...said} verb={words.retire} run={run} onClose={onClose} />
  }
  const run = (reason: string) => again(hub.signingKey.revoke({ signingKey, reason }))
  const said = { title: words.revokeTitle(name), lead: words.revokeLead, done: words.revoked(name) }
  return (
    <Confirmation {...said} verb={words.revoke} isDanger needsReason typedName={name} run={run} onClose={onClose} />
  )
}

/** The rules; they are set on the command line, where a file can be reviewed. */
export function TrustRulesCard() {
  const { data: policy } = useQuery(modelQueries.trustPolicy())
  const { data: keys } = useQuery(modelQueries.signingKeys())
  const nameOf = (id: string) => keys?.find(({ keyId }) => keyId === id)?.name ?? shortDigest(id)
  const rules = policy?.rules ?? []
  return (
    <Card title={words.rules} aside={<code className="font-mono text-xs text-soft">{words.rulesHint}</code>}>
      {rules.length === 0 ? (
        <p className="text-sm text-soft">{words.noRules}</p>
      ) : (
        <ul className="flex flex-col gap-1 text-sm">
          {rules.map(({ models, signatures, keys: ids }) => (
            <li key={`${models} ${signatures} ${ids.join()}`}>
              <span className="font-mono">{models}</span>: {words.rule(signatures, ids.map(nameOf).join(', '))}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
