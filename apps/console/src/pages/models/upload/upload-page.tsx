/** Upload page: turns the dropped files of a model into a signed version. */
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import { GGUF_PATH } from '@skerry/contract/kinds/gguf'
import { LANGUAGE_SETTINGS_PATH } from '@skerry/contract/language-models/language-model'
import { useSearch } from '@tanstack/react-router'
import { FileX } from 'lucide-react'
import { useEffect, useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card, Page } from '../../../components/card.tsx'
import { Empty, Loading } from '../../../components/page-state.tsx'
import { texts } from '../../../texts/english.ts'
import { ChosenFiles } from './chosen-files.tsx'
import { DropZone } from './drop-zone.tsx'
import { uploadTexts as words } from './english-upload.ts'
import { addDropped, isModel, type LocalFile, modelNameOf } from './file-plan.ts'
import { jobTools } from './job/job-tools.ts'
import { JobView } from './job/job-view.tsx'
import { type JobFile, startUpload, type UploadJob } from './job/upload-job.ts'
import { LanguageFiles } from './language/language-files.tsx'
import type { DropReading } from './read-drop.ts'
import { emptyFields, type FieldErrors, requestOf, type UploadFields } from './upload-fields.ts'
import { LineageForm, VersionForm } from './upload-form.tsx'
import { type Reading, useDropReading } from './use-drop-reading.ts'

/** Renders the page at /models/upload. */
export function UploadPage() {
  const [job, setJob] = useState<UploadJob>()
  const [round, setRound] = useState(0)
  // The leave guard has warned the person. No upload continues unseen.
  useEffect(() => () => job?.pause(), [job])
  const again = () => {
    setJob(undefined)
    setRound(round + 1)
  }
  return (
    <Page title={words.title} back={{ to: '/models', text: texts.model.back }} lead={words.lead}>
      {job ? <JobView job={job} onAgain={again} /> : <Choice key={round} onJob={setJob} />}
    </Page>
  )
}

/** The page before the upload: files on the left, fields about them on the right. */
function Choice({ onJob }: { onJob: (job: UploadJob) => void }) {
  const { model: wanted = '' } = useSearch({ from: '/inside/models/upload' })
  const [files, setFiles] = useState<readonly LocalFile[]>([])
  const [fields, setFields] = useState(() => emptyFields(wanted))
  const [errors, setErrors] = useState<FieldErrors>({})
  const reading = useDropReading(files)
  const take = (dropped: LocalFile[]) => {
    setFiles(addDropped(files, dropped))
    const name = dropped.map(({ path }) => (isModel(path) ? modelNameOf(path) : '')).find((each) => each !== '')
    if (fields.model === '' && name !== undefined) setFields({ ...fields, model: name })
  }
  const start = () => {
    const order = orderOf(reading, fields)
    if (!order.ok) return setErrors(order.errors)
    onJob(startUpload(order, jobTools))
  }
  const form = {
    fields,
    errors,
    hasGolden: hasGolden(reading),
    onChange: (change: Partial<UploadFields>) => {
      setFields({ ...fields, ...change })
      setErrors({})
    },
  }
  return (
    <>
      <DropZone onFiles={take} isSmall={files.length > 0} />
      {reading.state !== 'empty' && (
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1.4fr)_minmax(20rem,1fr)]">
          <div className="flex min-w-0 flex-col gap-4">
            <ReadingView reading={reading} />
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            <VersionForm {...form} />
            <LineageForm {...form} />
            <div className="sticky bottom-0 z-10 flex items-center justify-end gap-3 border-t border-line bg-ground py-3">
              {Object.keys(errors).length > 0 && (
                <p role="alert" className="text-sm text-bad">
                  {words.fieldsWrong}
                </p>
              )}
              <GuardedButton permission="model.write" look="primary" blocked={blockedBy(reading)} onClick={start}>
                {words.start}
              </GuardedButton>
            </div>
          </div>
        </div>
      )}
    </>
  )
}

function ReadingView({ reading }: { reading: Reading }) {
  if (reading.state === 'empty') return null
  if (reading.state === 'reading')
    return (
      <Card title={words.reading}>
        <Loading />
      </Card>
    )
  if (reading.state === 'failed')
    return (
      <Card>
        <Empty icon={FileX} title={texts.common.failed} hint={reading.message} />
      </Card>
    )
  if (reading.reading.kind === 'read') return <ChosenFiles reading={reading.reading} />
  if (reading.reading.kind === 'language') return <LanguageFiles reading={reading.reading} />
  const { why, names } = reading.reading
  return (
    <Card>
      <Empty
        icon={FileX}
        title={words[why]}
        hint={why === 'none' ? words.noneHint : words.severalHint(names.join(', '))}
      />
    </Card>
  )
}

function hasGolden(reading: Reading): boolean {
  return reading.state === 'done' && reading.reading.kind === 'read' && reading.reading.golden?.ok === true
}

/** The reason why the upload cannot begin; undefined if it can. */
function blockedBy(reading: Reading): string | undefined {
  if (reading.state === 'reading') return words.blocked.reading
  if (reading.state !== 'done' || reading.reading.kind === 'unclear') return words.blocked.files
  if (reading.reading.kind === 'language') return reading.reading.refusal && words.blocked.refused
  const { plan, refusal, golden } = reading.reading
  if (plan.missing.length > 0) return words.blocked.missing
  return refusal || golden?.ok === false ? words.blocked.refused : undefined
}

type Order = { ok: true; files: JobFile[]; request: JobRequest } | { ok: false; errors: FieldErrors }
type JobRequest = Extract<ReturnType<typeof requestOf>, { ok: true }>['request']

function orderOf(reading: Reading, fields: UploadFields): Order {
  if (reading.state !== 'done' || reading.reading.kind === 'unclear') return { ok: false, errors: {} }
  const result = requestOf(fields, goldenIn(reading.reading))
  return result.ok ? { ok: true, files: filesOf(reading.reading), request: result.request } : result
}

type Clear = Exclude<DropReading, { kind: 'unclear' }>

function goldenIn(reading: Clear): GoldenInputs | undefined {
  if (reading.kind === 'language') return reading.golden
  return reading.golden?.ok ? reading.golden.golden : undefined
}

function filesOf(reading: Clear): JobFile[] {
  const { model } = reading
  if (reading.kind === 'language')
    return [
      { path: GGUF_PATH, file: model.file },
      ...(reading.settings ? [{ path: LANGUAGE_SETTINGS_PATH, file: reading.settings.file }] : []),
    ]
  return [
    { path: 'model.onnx', file: model.file },
    ...reading.plan.weights.map(({ path, file }) => ({ path, file: file.file })),
  ]
}
