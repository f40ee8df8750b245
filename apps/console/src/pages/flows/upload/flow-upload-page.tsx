/**
 * Flow upload page: turns the file of a flow, perhaps with its recording and golden file, into a signed version. A
 * person without a file makes the flow of an alarm at a limit.
 */
import { useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { Page } from '../../../components/card.tsx'
import { Loading } from '../../../components/page-state.tsx'
import { DropZone } from '../../models/upload/drop-zone.tsx'
import type { LocalFile } from '../../models/upload/file-plan.ts'
import { JobView } from '../../models/upload/job/job-view.tsx'
import type { UploadJob } from '../../models/upload/job/upload-job.ts'
import { flowPageTexts } from '../english-flow-pages.ts'
import { flowUploadTexts as words } from './english-flow-upload.ts'
import { FlowChoice } from './flow-choice.tsx'
import { type DroppedText, type FlowFiles, isReadable, readFlowFiles } from './flow-files.ts'
import { LimitCard } from './limit-card.tsx'

/** Renders the page at /flows/upload. */
export function FlowUploadPage() {
  const { source } = useSearch({ from: '/inside/flows/upload' })
  const [job, setJob] = useState<UploadJob>()
  const [files, setFiles] = useState<readonly LocalFile[]>([])
  const reading = useReading(files)
  // The leave guard has warned the person. No upload continues unseen.
  useEffect(() => () => job?.pause(), [job])
  // A person who comes from a source wants its limit, and has no file.
  const isOfSource = source !== undefined && files.length === 0
  const again = () => {
    setJob(undefined)
    setFiles([])
  }
  return (
    <Page title={words.title} back={{ to: '/flows', text: flowPageTexts.title }} lead={words.lead}>
      {job && <JobView job={job} checking={words.checking} onAgain={again} />}
      {!job && (
        <>
          {isOfSource && <LimitCard source={source} onFiles={setFiles} />}
          <DropZone says={words} onFiles={setFiles} isSmall={files.length > 0 || isOfSource} />
          {files.length === 0 && !isOfSource && <LimitCard source={source} onFiles={setFiles} />}
          {files.length > 0 && !reading && <Loading />}
          {reading && <FlowChoice reading={reading} onJob={setJob} />}
        </>
      )}
    </Page>
  )
}

/** The newest drop. It is undefined while the files are being read, and before the first drop. */
function useReading(files: readonly LocalFile[]): FlowFiles | undefined {
  const [done, setDone] = useState<{ files: readonly LocalFile[]; reading: FlowFiles }>()
  useEffect(() => {
    if (files.length === 0) return
    let isOver = false
    void Promise.all(files.map(textOf)).then((texts) => {
      if (!isOver) setDone({ files, reading: readFlowFiles(texts) })
    })
    return () => {
      isOver = true
    }
  }, [files])
  return done?.files === files && files.length > 0 ? done.reading : undefined
}

/** The text is absent if the file is too large for its kind or unreadable. */
async function textOf({ path, sizeBytes, file }: LocalFile): Promise<DroppedText> {
  const name = path.split('/').at(-1) ?? path
  const text = isReadable(name, sizeBytes) ? await file.text().catch(() => undefined) : undefined
  return { name, sizeBytes, text }
}
