/** Export button: the filtered trail as a file of JSON lines, oldest first, as `skerry audit ls --json` gives it. */
import { eachRow } from '@skerry/client/page'
import { problemOf } from '@skerry/client/problem'
import { useMutation } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import type { AuditSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'

const words = texts.audit

/** Exports what the filter shows, all of it. */
export function ExportButton({ filter: { action, object } }: { filter: AuditSearch }) {
  const { isPending, mutate } = useMutation({
    mutationFn: async () => {
      const lines: string[] = []
      const wish = { ...(action && { action }), ...(object && { object }) }
      for await (const record of eachRow((page) => hub.audit.list({ ...page, ...wish })))
        lines.push(JSON.stringify(record))
      save(new Blob([lines.join('\n'), '\n'], { type: 'application/x-ndjson' }))
    },
    onError: (error) => toast('bad', texts.common.failed, problemOf(error).message),
  })
  return (
    <Button blocked={isPending ? words.exporting : undefined} onClick={() => mutate()}>
      <Download size={15} aria-hidden />
      {isPending ? words.exporting : words.export}
    </Button>
  )
}

function save(blob: Blob) {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = `skerry-audit-${new Date().toISOString().slice(0, 10)}.jsonl`
  link.click()
  URL.revokeObjectURL(url)
}
