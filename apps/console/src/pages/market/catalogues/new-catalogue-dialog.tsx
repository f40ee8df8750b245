/** New catalogue dialog: begins a catalogue that the hub signs. */
import { Name } from '@skerry/contract/values/names'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { cataloguesTexts as words } from './english-catalogues.ts'

/** Shown while it is in the page. */
export function NewCatalogueDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const checked = Name.safeParse(name)
  const problem = checked.success ? undefined : checked.error.issues[0]?.message
  const run = async () => {
    await hub.catalogue.create({ name })
    await client.invalidateQueries({ queryKey: ['models', 'market'] })
    return words.created(name)
  }
  return (
    <SaveDialog
      title={words.createTitle}
      lead={words.createLead}
      verb={words.createVerb}
      blocked={problem}
      run={run}
      onClose={onClose}
    >
      <Field label={words.name} error={name === '' ? undefined : problem}>
        {(control) => <TextInput control={control} value={name} onChange={setName} />}
      </Field>
    </SaveDialog>
  )
}
