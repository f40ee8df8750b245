/** Emergency dialog: begins the emergency period of a device. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { entitlementsTexts as words } from './english-entitlements.ts'

/** Shown while it is in the page. */
export function EmergencyDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [listing, setListing] = useState('')
  const [device, setDevice] = useState('')
  const [reason, setReason] = useState('')
  const run = async () => {
    const begun = await hub.entitlement.emergency({ listing: listing.trim(), device: device.trim(), reason })
    await client.invalidateQueries({ queryKey: ['models', 'market'] })
    return words.begun(begun.device)
  }
  const isReady = [listing, device, reason].every((text) => text.trim() !== '')
  return (
    <SaveDialog
      title={words.emergencyTitle}
      lead={words.emergencyLead}
      verb={words.emergencyVerb}
      blocked={isReady ? undefined : words.fields}
      run={run}
      onClose={onClose}
    >
      <Field label={words.listing}>
        {(control) => <TextInput control={control} value={listing} onChange={setListing} />}
      </Field>
      <Field label={words.device}>
        {(control) => <TextInput control={control} value={device} onChange={setDevice} />}
      </Field>
      <Field label={words.reason}>
        {(control) => <TextInput control={control} value={reason} onChange={setReason} />}
      </Field>
    </SaveDialog>
  )
}
