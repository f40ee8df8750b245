/** Export button: the filtered trail as a file of JSON lines, oldest first, however long; it says how far it is, and can be stopped. */
import { eachRow } from '@skerry/client/page'
import { problemOf } from '@skerry/client/problem'
import { PAGE_LIMIT_MAX } from '@skerry/contract/values/names'
import { Download, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import type { AuditSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { auditWish } from './audit-wish.ts'

const words = texts.audit

/** Exports what the filter lets through, all of it. */
export function ExportButton({ filter }: { filter: AuditSearch }) {
  const [done, setDone] = useState<number>()
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const run = async () => {
    const controller = new AbortController()
    stop.current = controller
    setDone(0)
    try {
      const parts = await collect(filter, setDone, controller.signal)
      save(new Blob(parts, { type: 'application/x-ndjson' }))
    } catch (error) {
      if (!controller.signal.aborted) toast('bad', texts.common.failed, problemOf(error).message)
    }
    setDone(undefined)
  }
  if (done === undefined) {
    return (
      <Button onClick={() => void run()}>
        <Download size={15} aria-hidden />
        {words.export}
      </Button>
    )
  }
  return (
    <Button onClick={() => stop.current?.abort()} aria-label={words.stopExport}>
      <X size={15} aria-hidden />
      <span role="status" className="tabular">
        {words.exporting(done)}
      </span>
    </Button>
  )
}

/** Lines are put away as they come: the browser keeps blobs on its disk, a list of records would be in its memory. */
async function collect(filter: AuditSearch, onProgress: (records: number) => void, signal: AbortSignal) {
  const wish = auditWish(filter, Date.now())
  const parts: Blob[] = []
  let lines: string[] = []
  let count = 0
  const putAway = () => {
    parts.push(new Blob([lines.map((line) => `${line}\n`).join('')]))
    lines = []
    onProgress(count)
  }
  for await (const record of eachRow((page) => hub.audit.list({ ...page, ...wish }, { signal }))) {
    lines.push(JSON.stringify(record))
    count += 1
    if (lines.length === PAGE_LIMIT_MAX) putAway()
  }
  putAway()
  return parts
}

function save(blob: Blob) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = `skerry-audit-${new Date().toISOString().slice(0, 10)}.jsonl`
  link.click()
  URL.revokeObjectURL(url)
}
