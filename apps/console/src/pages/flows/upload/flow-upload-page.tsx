/** Flow upload page: the file of a flow, perhaps with its recording and golden file, becomes a signed version. */
import { useEffect, useState } from 'react'
import { Page } from '../../../components/card.tsx'
import { Loading } from '../../../components/page-state.tsx'
import { DropZone } from '../../models/upload/drop-zone.tsx'
import type { LocalFile } from '../../models/upload/dropped-files.ts'
import { JobView } from '../../models/upload/job/job-view.tsx'
import type { UploadJob } from '../../models/upload/job/upload-job.ts'
import { flowPageTexts } from '../english-flow-pages.ts'
import { flowUploadTexts as words } from './english-flow-upload.ts'
import { FlowChoice } from './flow-choice.tsx'
import { type DroppedText, type FlowFiles, isReadable, readFlowFiles } from './flow-files.ts'

/** The page at /flows/upload. */
export function FlowUploadPage() {
  const [job, setJob] = useState<UploadJob>()
  const [files, setFiles] = useState<readonly LocalFile[]>([])
  const reading = useReading(files)
  // Whoever left was asked before; nothing goes on in the dark.
  useEffect(() => () => job?.pause(), [job])
  const again = () => {
    setJob(undefined)
    setFiles([])
  }
  return (
    <Page title={words.title} back={{ to: '/flows', text: flowPageTexts.title }} lead={words.lead}>
      {job && <JobView job={job} checking={words.checking} onAgain={again} />}
      {!job && (
        <>
          <DropZone says={words} onFiles={setFiles} isSmall={files.length > 0} />
          {files.length > 0 && !reading && <Loading />}
          {reading && <FlowChoice reading={reading} onJob={setJob} />}
        </>
      )}
    </Page>
  )
}

/** What the newest drop is; undefined while it is read, and before there is one. */
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

/** Without a text where it is larger than what it looks like may be, or cannot be read. */
async function textOf({ path, sizeBytes, file }: LocalFile): Promise<DroppedText> {
  const name = path.split('/').at(-1) ?? path
  const text = isReadable(name, sizeBytes) ? await file.text().catch(() => undefined) : undefined
  return { name, sizeBytes, text }
}
