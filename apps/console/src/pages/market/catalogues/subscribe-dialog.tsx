/** Subscribe dialog: the name, the address and the trusted keys of a catalogue that somebody else signs. */
import type { Catalogue } from '@skerry/contract/market/catalogue'
import type { SigningKeyId } from '@skerry/contract/models/trust'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Choice } from '../../../components/choice.tsx'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { modelQueries } from '../../models/model-queries.ts'
import { cataloguesTexts as words } from './english-catalogues.ts'

type SubscribeProps = { present: readonly Catalogue[]; folders: readonly string[]; onClose: () => void }

/** Shown while it is in the page. The hub reads the index before it subscribes, and names the problem. */
export function SubscribeDialog({ present, folders, onClose }: SubscribeProps) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [keys, setKeys] = useState<readonly SigningKeyId[]>([])
  const [signatures, setSignatures] = useState(1)
  const free = folders.filter((folder) => !present.some((catalogue) => catalogue.name === folder))
  const run = async () => {
    const place = url.trim() === '' ? {} : { url: url.trim() }
    await hub.catalogue.add({ name, keys: [...keys], signatures: Math.min(signatures, keys.length), ...place })
    await client.invalidateQueries({ queryKey: ['models', 'market'] })
    return words.added(name)
  }
  const blocked = name === '' ? words.name : keys.length === 0 ? words.noKeys : undefined
  return (
    <SaveDialog
      title={words.addTitle}
      lead={words.addLead}
      verb={words.add}
      blocked={blocked}
      run={run}
      onClose={onClose}
    >
      <Field label={words.name} hint={free.length === 0 ? words.noFolders : words.folders(free)}>
        {(control) => <TextInput control={control} value={name} onChange={setName} />}
      </Field>
      <Field label={words.url} hint={words.urlHint}>
        {(control) => <TextInput control={control} value={url} onChange={setUrl} />}
      </Field>
      <KeyChoice chosen={keys} onChange={setKeys} />
      {keys.length > 1 && (
        <Choice
          label={words.signatures}
          value={String(Math.min(signatures, keys.length))}
          options={keys.map((_, index) => [String(index + 1), String(index + 1)] as const)}
          onChange={(value) => setSignatures(Number(value))}
        />
      )}
    </SaveDialog>
  )
}

type KeyChoiceProps = { chosen: readonly SigningKeyId[]; onChange: (keys: readonly SigningKeyId[]) => void }

function KeyChoice({ chosen, onChange }: KeyChoiceProps) {
  const { data = [] } = useQuery(modelQueries.signingKeys())
  const usable = data.filter(({ state }) => state !== 'revoked')
  const toggle = (keyId: SigningKeyId, isChosen: boolean) =>
    onChange(isChosen ? [...chosen, keyId] : chosen.filter((each) => each !== keyId))
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="text-sm font-medium">{words.keys}</legend>
      {usable.length === 0 && <p className="text-xs text-soft">{words.noPublisher}</p>}
      {usable.map(({ keyId, name }) => (
        <label key={keyId} className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={chosen.includes(keyId)}
            onChange={({ target }) => toggle(keyId, target.checked)}
          />
          {name}
          <code className="font-mono text-xs text-soft">{keyId.slice(0, 12)}</code>
        </label>
      ))}
    </fieldset>
  )
}
