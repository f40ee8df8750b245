/** Authority question: what another authority, or one less, means for devices, and asks once more. */
import type { Authority, AuthorityOverview } from '@skerry/contract/authorities/authority'
import { AuthorityId } from '@skerry/contract/values/ids'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Confirmation } from '../../../components/dialogs/confirmation.tsx'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, Select } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { authorityTexts as words } from '../../approvals/english-rules.ts'
import { LifeField } from '../joining/life-field.tsx'

export type AskedOfAuthority = { act: 'rotate' } | { act: 'retire' | 'cancel'; authority: Authority }

type QuestionProps = { asked: AskedOfAuthority; overview: AuthorityOverview; onClose: () => void }

/** Shown while it is in the page. */
export function AuthorityQuestion({ asked, overview, onClose }: QuestionProps) {
  const client = useQueryClient()
  const again = async <T,>(done: Promise<T>) => {
    const result = await done
    await client.invalidateQueries({ queryKey: ['hub'] })
    return result
  }
  if (asked.act === 'rotate') return <RotateDialog authorities={overview.authorities} again={again} onClose={onClose} />
  const { id, devices } = asked.authority
  if (asked.act === 'cancel') {
    const run = () => again(hub.authority.cancel({ authority: id }))
    const said = { title: words.cancelTitle(id), lead: words.cancelLead, done: words.cancelled(id) }
    return <Confirmation {...said} verb={words.cancel} isDanger typedName={id} run={run} onClose={onClose} />
  }
  // Forced only where the question says who is cut off: where it names none and there is somebody by now, the hub refuses.
  const run = () => again(hub.authority.retire({ authority: id, force: devices > 0 }))
  const said = {
    title: words.retireTitle(id),
    lead: words.retireLead(devices, overview.openTokens),
    done: words.retired(id),
  }
  return <Confirmation {...said} verb={words.retire} isDanger typedName={id} run={run} onClose={onClose} />
}

type RotateProps = {
  authorities: readonly Authority[]
  again: <T>(done: Promise<T>) => Promise<T>
  onClose: () => void
}

function RotateDialog({ authorities, again, onClose }: RotateProps) {
  const [next, setNext] = useState('')
  const [withinSeconds, setWithin] = useState(600)
  const ready = authorities.filter(({ state }) => state === 'ready')
  const active = authorities.find(({ state }) => state === 'active')
  const run = async () => {
    const wish = { withinSeconds, ...(next !== '' && { authority: AuthorityId.parse(next) }) }
    return words.rotated((await again(hub.authority.rotate(wish))).id)
  }
  return (
    <SaveDialog
      title={words.rotateTitle}
      lead={words.rotateLead(active?.devices ?? 0)}
      verb={words.rotate}
      run={run}
      onClose={onClose}
    >
      <Field label={words.next}>
        {(control) => (
          <Select {...control} value={next} onChange={({ target }) => setNext(target.value)}>
            <option value="">{words.own}</option>
            {ready.map(({ id, subject }) => (
              <option key={id} value={id}>
                {`${subject ?? ''} (${id})`}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <LifeField label={words.within} lives={words.withins} seconds={withinSeconds} onChange={setWithin} />
    </SaveDialog>
  )
}
