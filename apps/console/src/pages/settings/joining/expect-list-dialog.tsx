/** Expect list dialog: announces many machines by a list of comma-separated values, from a file or pasted. */
import { problemOf } from '@skerry/client/problem'
import { EXPECTED_AT_ONCE_MAX, type ExpectedDeviceSpec } from '@skerry/contract/devices/expected-device'
import { expectedList } from '@skerry/core/joining/expected-list'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { SaveDialog } from '../../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../../components/fields.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { SiteSelect } from '../site-select.tsx'
import { joiningTexts } from './english-joining.ts'

const words = joiningTexts.expected

type Read = { devices: ExpectedDeviceSpec[]; problem?: string }

/** Shown while it is in the page; says what the list holds before it is sent. */
export function ExpectListDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [site, setSite] = useState('')
  const [text, setText] = useState('')
  const { devices, problem } = useMemo(() => readList(text, site), [text, site])
  const run = async () => {
    try {
      return words.announced(await announce(devices))
    } finally {
      await client.invalidateQueries({ queryKey: ['expected'] })
    }
  }
  const blocked = problem ?? (devices.length === 0 ? words.found(0) : undefined)
  return (
    <SaveDialog
      isWide
      title={words.importTitle}
      lead={words.importLead}
      verb={words.import}
      blocked={blocked}
      run={run}
      onClose={onClose}
    >
      <Field label={words.file}>
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".csv,text/csv,text/plain"
            className="text-sm"
            onChange={(event) => void event.target.files?.[0]?.text().then(setText)}
          />
        )}
      </Field>
      <Field label={words.list} error={problem}>
        {(control) => (
          <textarea
            {...control}
            rows={6}
            spellCheck={false}
            placeholder="serial,site,name,labels"
            className={`${INPUT} h-auto py-1.5 font-mono text-xs`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <SiteSelect label={words.site} value={site} onChange={setSite} />
      <p role="status" className="text-sm text-soft">
        {words.found(devices.length)}
      </p>
    </SaveDialog>
  )
}

function readList(text: string, site: string): Read {
  if (text.trim() === '') return { devices: [] }
  try {
    return { devices: expectedList(text, site || undefined) }
  } catch (error) {
    return { devices: [], problem: problemOf(error).message }
  }
}

/** In pieces, each all or nothing; gives how many. */
async function announce(devices: readonly ExpectedDeviceSpec[]): Promise<number> {
  let done = 0
  for (; done < devices.length; done += EXPECTED_AT_ONCE_MAX) {
    try {
      await hub.expected.add({ devices: devices.slice(done, done + EXPECTED_AT_ONCE_MAX) })
    } catch (error) {
      throw done === 0 ? error : new Error(words.partly(done, problemOf(error).message), { cause: error })
    }
  }
  return devices.length
}
