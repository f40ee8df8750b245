/**
 * Drop zone: the place for dropped or chosen files. The whole page accepts a drop, so that a near miss does not open
 * the file in the browser.
 */
import { FolderOpen, Upload } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { cn } from '../../../components/class-names.ts'
import { filesOfDrop, filesOfInput } from './dropped-files.ts'
import { uploadTexts as words } from './english-upload.ts'
import type { LocalFile } from './file-plan.ts'

type DropZoneProps = {
  onFiles: (files: LocalFile[]) => void
  /** A small zone stands above the earlier drop. */
  isSmall: boolean
  /** The words for other files than those of a model. */
  says?: { drop: string; dropHint: string; dropMore?: string }
}

/** The zone with its two buttons. */
export function DropZone({ onFiles, isSmall, says = words }: DropZoneProps) {
  const isOver = useWindowDrop(onFiles)
  const invitation = (isSmall ? says.dropMore : undefined) ?? says.drop
  const hint = isOver ? words.dropNow : invitation
  return (
    <section
      aria-label={says.drop}
      className={cn(
        'flex rounded-xl border border-dashed border-line-strong bg-surface transition-colors',
        isSmall
          ? 'flex-wrap items-center justify-between gap-3 px-4 py-3'
          : 'flex-col items-center gap-3 px-6 py-14 text-center',
        isOver && 'border-accent bg-accent/5',
      )}
    >
      <div className={cn('flex items-center gap-3', !isSmall && 'flex-col')}>
        <span
          className={cn('grid place-items-center rounded-full bg-raised text-soft', isSmall ? 'size-8' : 'size-12')}
        >
          <Upload size={isSmall ? 16 : 22} aria-hidden />
        </span>
        <div className="min-w-0">
          <p className={cn('font-semibold', isSmall && 'text-sm')}>{hint}</p>
          {!isSmall && <p className="mt-1 max-w-prose text-sm text-soft">{says.dropHint}</p>}
        </div>
      </div>
      <div className="flex flex-wrap gap-2">
        <Chooser onFiles={onFiles} kind="files">
          {words.chooseFiles}
        </Chooser>
        <Chooser onFiles={onFiles} kind="folder">
          <FolderOpen size={15} aria-hidden />
          {words.chooseFolder}
        </Chooser>
      </div>
    </section>
  )
}

type ChooserProps = { onFiles: DropZoneProps['onFiles']; kind: 'files' | 'folder'; children: ReactNode }

/** A button over the browser's own input. The input is hidden, and people use the button. */
function Chooser({ onFiles, kind, children }: ChooserProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // [HTML, File and Directory Entries API] React has no property for it.
    if (kind === 'folder') input.current?.setAttribute('webkitdirectory', '')
  }, [kind])
  return (
    <>
      <Button onClick={() => input.current?.click()}>{children}</Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-chooser={kind}
        onChange={(event) => {
          const { files } = event.target
          if (files && files.length > 0) onFiles(filesOfInput(files))
          // If a person chooses the same file again, it must be read again.
          event.target.value = ''
        }}
      />
    </>
  )
}

/** Takes files that a person drops anywhere in the window. True while files hover over it. */
function useWindowDrop(onFiles: (files: LocalFile[]) => void): boolean {
  const [isOver, setOver] = useState(false)
  const latest = useRef(onFiles)
  latest.current = onFiles
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => event.relatedTarget === null && setOver(false)
    const onDrop = (event: DragEvent) => {
      setOver(false)
      if (!event.dataTransfer || !hasFiles(event)) return
      event.preventDefault()
      filesOfDrop(event.dataTransfer).then(
        (files) => files.length > 0 && latest.current(files),
        () => undefined,
      )
    }
    const listeners = [
      ['dragover', onOver],
      ['dragleave', onLeave],
      ['drop', onDrop],
    ] as const
    for (const [name, listener] of listeners) window.addEventListener(name, listener)
    return () => {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener)
    }
  }, [])
  return isOver
}
