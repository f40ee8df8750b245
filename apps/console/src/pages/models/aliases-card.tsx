/** Aliases card: which alias points where; each can be moved and removed. */

import type { Model } from '@skerry/contract/models/model'
import { aliasTag } from '@skerry/contract/values/entity-tag'
import { Link } from '@tanstack/react-router'
import { Tag } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { Empty } from '../../components/page-state.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { AliasDialog } from './alias-dialog.tsx'
import { modelTexts } from './english-models.ts'

const words = modelTexts.alias

type Asked = { kind: 'set'; alias?: string; version: number } | { kind: 'remove'; alias: string; version: number }

/** The card. */
export function AliasesCard({ model: { name, aliases, latestVersion = 1 } }: { model: Model }) {
  const [asked, setAsked] = useState<Asked>()
  const close = () => setAsked(undefined)
  const entries = Object.entries(aliases)
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <GuardedButton
          isSmall
          permission="model.write"
          onClick={() => setAsked({ kind: 'set', version: latestVersion })}
        >
          {words.set}
        </GuardedButton>
      }
    >
      {entries.length === 0 && <Empty icon={Tag} title={words.none} hint={words.noneHint} />}
      <ul className="divide-y divide-line">
        {entries.map(([alias, version]) => (
          <AliasRow key={alias} model={name} alias={alias} version={version} onAsk={setAsked} />
        ))}
      </ul>
      {asked?.kind === 'set' && <AliasDialog model={name} {...asked} onClose={close} />}
      {asked?.kind === 'remove' && (
        <Confirmation
          title={words.removeTitle(asked.alias)}
          lead={words.removeLead(asked.version)}
          verb={words.remove}
          isDanger
          run={() =>
            hub.model.removeAlias({ model: name, alias: asked.alias }, { context: { ifMatch: tagOf(name, asked) } })
          }
          done={words.removed(asked.alias)}
          onClose={close}
        />
      )}
    </Card>
  )
}

const tagOf = (name: string, { alias, version }: { alias: string; version: number }) =>
  aliasTag({ name, aliases: { [alias]: version } }, alias)

type AliasRowProps = { model: string; alias: string; version: number; onAsk: (asked: Asked) => void }

function AliasRow({ model, alias, version, onAsk }: AliasRowProps) {
  return (
    <li aria-label={`@${alias}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
      <span className="font-medium text-accent">@{alias}</span>
      <span aria-hidden className="text-faint">
        →
      </span>
      <Link
        to="/models/$model/versions/$version"
        params={{ model, version: String(version) }}
        className="rounded hover:text-accent hover:underline"
      >
        {texts.models.version(version)}
      </Link>
      <span className="ml-auto flex gap-1">
        <GuardedButton isSmall permission="model.write" onClick={() => onAsk({ kind: 'set', alias, version })}>
          {words.move}
        </GuardedButton>
        <GuardedButton
          isSmall
          look="danger"
          permission="model.write"
          onClick={() => onAsk({ kind: 'remove', alias, version })}
        >
          {words.remove}
        </GuardedButton>
      </span>
    </li>
  )
}
