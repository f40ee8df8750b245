/** Import dialog: brings advisories and statements from files of this computer to the hub. */
import { ProblemError } from '@skerry/client/problem'
import { parseJson } from '@skerry/core/values/parse-json'
import { type AdvisoryFile, documentsOf, importParts } from '@skerry/core/vulnerabilities/import-parts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field } from '../../components/fields.tsx'
import { hub } from '../../hub/hub-client.ts'
import { vulnerabilitiesTexts as words } from './english-vulnerabilities.ts'

/** Shown while it is in the page. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const [files, setFiles] = useState<readonly File[]>([])
  const client = useQueryClient()
  const run = async () => {
    const total = { advisories: 0, statements: 0, unchanged: 0 }
    for await (const part of importParts(documentsIn(files), rejectFile)) {
      const done = await hub.vulnerability.import(part)
      total.advisories += done.advisories
      total.statements += done.statements
      total.unchanged += done.unchanged
    }
    await Promise.all(['vulnerabilities', 'alerts'].map((key) => client.invalidateQueries({ queryKey: [key] })))
    return words.imported(total)
  }
  return (
    <SaveDialog
      title={words.importTitle}
      lead={words.importLead}
      verb={words.import}
      blocked={files.length === 0 ? words.noFile : undefined}
      run={run}
      onClose={onClose}
    >
      <Field label={words.files} hint={words.filesHint}>
        {(control) => (
          <input
            {...control}
            type="file"
            multiple
            accept=".json,application/json"
            className="text-sm"
            onChange={(event) => setFiles([...(event.target.files ?? [])])}
          />
        )}
      </Field>
    </SaveDialog>
  )
}

const rejectFile = (message: string) => new ProblemError({ code: 'file_invalid', message, status: 0 })

/** One file at a time is in memory, since those of a distribution have hundreds of megabytes. */
async function* documentsIn(files: readonly File[]): AsyncGenerator<AdvisoryFile> {
  for (const file of files) {
    const content = parseJson(await file.text())
    if (content === undefined) throw rejectFile(words.noJson(file.name))
    for (const document of documentsOf(content)) yield { file: file.name, document }
  }
}
