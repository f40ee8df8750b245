/** Data set field: a file of rows, which the browser reads and sends to the hub before the optimisation is planned. */
import { problemOf } from '@skerry/client/problem'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { useEffect, useRef, useState } from 'react'
import { Field } from '../../../components/fields.tsx'
import { useMissing } from '../../../hub/permission.ts'
import { rangesTexts as words } from './english-ranges.ts'
import type { DataSet } from './ranges-source.ts'

type FieldProps = {
  version: ModelVersionDetail
  dataSet: DataSet | undefined
  onChange: (dataSet: DataSet | undefined) => void
}

export function DataSetField({ version, dataSet, onChange }: FieldProps) {
  // The hub accepts the bytes of a data set by the permission of an upload.
  const missing = useMissing('model.write')
  const { send, percent, error } = useSending(version, onChange)
  return (
    <div className="mt-4">
      <Field label={words.file} hint={words.fileHint} error={missing ?? error}>
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".npz,.json,application/json"
            className="text-sm"
            disabled={missing !== undefined || percent !== undefined}
            onChange={({ target }) => void send(target.files?.[0])}
          />
        )}
      </Field>
      <p role="status" className="mt-1.5 text-sm">
        {percent !== undefined && words.sending(percent)}
        {dataSet && words.sent(dataSet.name, dataSet.rows)}
      </p>
    </div>
  )
}

/** Reads and sends one file after the other. The page that is left ends the sending. */
function useSending(version: ModelVersionDetail, onChange: FieldProps['onChange']) {
  const [percent, setPercent] = useState<number>()
  const [error, setError] = useState<string>()
  const leaving = useRef(new AbortController())
  useEffect(() => {
    const left = new AbortController()
    leaving.current = left
    return () => left.abort()
  }, [])
  const send = async (file: File | undefined) => {
    const { signal } = leaving.current
    onChange(undefined)
    setError(undefined)
    if (!file) return
    setPercent(0)
    try {
      const { sendDataSet } = await import('./send-data-set.ts')
      const sent = await sendDataSet(file, { summary: version.summary, onProgress: setPercent }, signal)
      if (sent.ok) onChange(sent.dataSet)
      else setError(sent.message)
    } catch (failure) {
      if (!signal.aborted) setError(problemOf(failure).message)
    } finally {
      setPercent(undefined)
    }
  }
  return { send, percent, error }
}
