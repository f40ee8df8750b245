/** Flow choice: what was dropped, what is wrong with it, how it looks, and the way to upload it. */
import type { Flow } from '@skerry/contract/flows/flow'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { Field, INPUT } from '../../../components/fields.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { queries } from '../../../hub/queries.ts'
import { modelsOf } from '../../../kinds/of-kind.ts'
import { uploadTexts } from '../../models/upload/english-upload.ts'
import { jobTools } from '../../models/upload/job/job-tools.ts'
import { startUpload, type UploadJob } from '../../models/upload/job/upload-job.ts'
import { emptyFields, type FieldErrors, requestOf } from '../../models/upload/upload-fields.ts'
import { FlowGraphCard } from '../../models/version/flow-graph-card.tsx'
import { flowUploadTexts as words } from './english-flow-upload.ts'
import type { FlowFiles } from './flow-files.ts'

type ChoiceProps = { reading: FlowFiles; onJob: (job: UploadJob) => void }

export function FlowChoice({ reading, onJob }: ChoiceProps) {
  const { flow, flaws } = reading
  return (
    <>
      {flow && flaws.length === 0 && <FlowGraphCard flow={flow} />}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.4fr)_minmax(20rem,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Checks reading={reading} />
          <FilesTable reading={reading} />
        </div>
        <VersionCard reading={reading} onJob={onJob} />
      </div>
    </>
  )
}

function Checks({ reading: { flow, flaws, samples, outputs } }: { reading: FlowFiles }) {
  const isSound = flow !== undefined && flaws.length === 0
  return (
    <Card title={words.checks}>
      <div role="status" className="flex flex-col gap-1 text-sm">
        <p className="flex items-start gap-2 font-medium">
          {isSound ? (
            <CircleCheck size={16} className="mt-0.5 shrink-0 text-good" aria-hidden />
          ) : (
            <CircleX size={16} className="mt-0.5 shrink-0 text-bad" aria-hidden />
          )}
          <span className="min-w-0 wrap-anywhere">
            {isSound ? words.sound(flow.name, partsOf(flow)) : words.flaws(flaws.length)}
          </span>
        </p>
        {isSound && <p className="pl-6 text-soft">{words.expressions}</p>}
        {isSound && samples !== undefined && outputs !== undefined && (
          <p className="pl-6 text-soft">
            {words.samples(samples)}, {words.outputs(outputs)}
          </p>
        )}
      </div>
      <ul className="mt-2 flex flex-col gap-2">
        {flaws.map(({ file, line, message }) => (
          <li key={`${file} ${line} ${message}`} className="text-sm wrap-anywhere">
            {file !== '' && (
              <span className="mr-2 font-mono text-xs text-soft">
                {line === undefined ? file : words.at(file, line)}
              </span>
            )}
            {message}
          </li>
        ))}
      </ul>
    </Card>
  )
}

const partsOf = ({ inputs, steps, sinks }: Flow) => inputs.length + steps.length + sinks.length

const FilesTable = ({ reading: { parts } }: { reading: FlowFiles }) => (
  <Card title={words.files} isFlush>
    <PlainTable
      label={words.files}
      headers={[words.fileColumns.file, words.fileColumns.part, words.fileColumns.size]}
      rows={parts.map(({ name, part, sizeBytes }, index) => ({
        key: `${index} ${name}`,
        cells: [
          <code key="name" className="font-mono text-xs wrap-anywhere">
            {name}
          </code>,
          <span key="part" className={part === 'unused' ? 'text-faint' : ''}>
            {words.parts[part]}
          </span>,
          sizeText(sizeBytes),
        ],
      }))}
    />
  </Card>
)

const FIELDS = [
  { name: 'aliases', label: uploadTexts.aliases, hint: uploadTexts.aliasesHint },
  { name: 'labels', label: uploadTexts.labels, hint: uploadTexts.labelsHint },
] as const

function VersionCard({ reading: { flow, flaws, texts }, onJob }: ChoiceProps) {
  const [typed, setTyped] = useState({ aliases: '', labels: '' })
  const [errors, setErrors] = useState<FieldErrors>({})
  const becomes = useBecomes(flow?.name)
  const start = () => {
    const result = requestOf({ ...emptyFields(flow?.name ?? ''), ...typed }, undefined)
    if (!result.ok) return setErrors(result.errors)
    const files = texts.map(({ path, text }) => ({ path, file: new File([text], path) }))
    onJob(startUpload({ files, request: result.request }, jobTools))
  }
  const blocked = flow === undefined || flaws.length > 0 ? words.blocked.flaws : becomes?.blocked
  return (
    <Card title={words.version}>
      <div className="flex flex-col gap-4">
        {becomes && (
          <p role="status" className={becomes.blocked === undefined ? 'text-sm text-soft' : 'text-sm text-bad'}>
            {becomes.text}
          </p>
        )}
        {FIELDS.map(({ name, label, hint }) => (
          <Field key={name} label={label} hint={hint} error={errors[name]}>
            {(control) => (
              <textarea
                {...control}
                rows={name === 'labels' ? 2 : 1}
                spellCheck={false}
                maxLength={4_000}
                className={`${INPUT} h-auto py-2`}
                value={typed[name]}
                onChange={({ target }) => {
                  setTyped({ ...typed, [name]: target.value })
                  setErrors({})
                }}
              />
            )}
          </Field>
        ))}
        <div className="flex justify-end">
          <GuardedButton permission="model.write" look="primary" blocked={blocked} onClick={start}>
            {words.start}
          </GuardedButton>
        </div>
      </div>
    </Card>
  )
}

/** Which version it becomes; a name that belongs to a model is none for a flow. */
function useBecomes(name: string | undefined): { text: string; blocked: string | undefined } | undefined {
  const { data: models } = useQuery(queries.models())
  if (name === undefined || !models) return undefined
  const known = models.find((model) => model.name === name)
  if (!known) return { text: `${name}: ${words.becomes.new}`, blocked: undefined }
  if (modelsOf('flow', [known]).length === 0) return { text: words.becomes.model, blocked: words.becomes.model }
  return { text: `${name}: ${words.becomes.next((known.latestVersion ?? 0) + 1)}`, blocked: undefined }
}
