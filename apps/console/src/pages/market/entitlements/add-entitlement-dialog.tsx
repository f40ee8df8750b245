/** Add entitlement dialog: sends the signed file of a publisher to the hub, which checks it. */
import { ProblemError } from '@skerry/client/problem'
import { EntitlementEnvelope } from '@skerry/contract/market/entitlement'
import { parseJson } from '@skerry/core/values/parse-json'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { entitlementsTexts as words } from './english-entitlements.ts'

/** Shown while it is in the page. */
export function AddEntitlementDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [file, setFile] = useState<File>()
  const run = async () => {
    const parsed = EntitlementEnvelope.safeParse(parseJson((await file?.text()) ?? ''))
    if (!parsed.success) throw new ProblemError({ code: 'file_invalid', message: words.wrongFile, status: 0 })
    const { listing, devices } = await hub.entitlement.add({ envelope: parsed.data })
    await client.invalidateQueries({ queryKey: ['models', 'market'] })
    return words.added(listing, devices)
  }
  return (
    <SaveDialog
      title={words.addTitle}
      lead={words.addLead}
      verb={words.addVerb}
      blocked={file ? undefined : words.noFile}
      run={run}
      onClose={onClose}
    >
      <Field label={words.file}>
        {(control) => (
          <input
            {...control}
            type="file"
            className="text-sm"
            onChange={(event) => setFile(event.target.files?.[0] ?? undefined)}
          />
        )}
      </Field>
    </SaveDialog>
  )
}
