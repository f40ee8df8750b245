/** Image field: a picture that is dropped or chosen, brought to the size of the input, and turned into its tensor. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { ImageUp } from 'lucide-react'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { cn } from '../../../components/class-names.ts'
import { playgroundWords } from '../english-playground.ts'
import type { Entry } from '../input-entry.ts'
import { ImageOptions } from './image-options.tsx'
import { firstPlan, type ImagePlan, normalisationOf, sidesOf } from './image-plan.ts'
import { imageTensor } from './image-tensor.ts'

const words = playgroundWords.image

type ImageEntry = Extract<Entry, { kind: 'image' }>
type ImageFieldProps = { spec: TensorSpec; entry: ImageEntry; onChange: (entry: Entry) => void }
type Picture = { name: string; bitmap: ImageBitmap }

/** The field. The picture stays in this browser; what goes to the device is the tensor. */
export function ImageField({ spec, entry, onChange }: ImageFieldProps) {
  const [picture, setPicture] = useState<Picture>()
  const [plan, setPlan] = useState<ImagePlan>(() => firstPlan(spec))
  const [isUnreadable, setUnreadable] = useState(false)
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef({ entry, onChange })
  latest.current = { entry, onChange }

  useEffect(() => {
    const tensor = picture && canvas.current ? draw(canvas.current, picture.bitmap, spec, plan) : undefined
    const { entry: before, onChange: tell } = latest.current
    const { tensor: _, ...rest } = before
    tell(tensor ? { ...rest, tensor } : rest)
  }, [picture, plan, spec])

  const read = async (file: File | undefined) => {
    if (!file) return
    const bitmap = await createImageBitmap(file).catch(() => undefined)
    setUnreadable(bitmap === undefined)
    setPicture(bitmap && { name: file.name, bitmap })
  }
  const sides = sidesOf(spec, plan, picture?.bitmap)
  return (
    <div className="flex flex-col gap-3">
      <DropArea name={spec.name} onFile={(file) => void read(file)} />
      {isUnreadable && (
        <p role="alert" className="text-xs text-bad">
          {words.unreadable}
        </p>
      )}
      <div className={cn('flex flex-wrap items-center gap-3', !picture && 'hidden')}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={words.preview(spec.name)}
          className="max-h-40 max-w-full rounded-md border border-line bg-raised object-contain"
        />
        {picture && sides && (
          <p className="min-w-0 text-sm text-soft wrap-anywhere">
            {words.chosen(picture.name, sides.width, sides.height)}
          </p>
        )}
      </div>
      <ImageOptions spec={spec} plan={plan} onChange={setPlan} />
    </div>
  )
}

/** Draws the picture at the size of the input; gives its tensor where the plan is whole. */
function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, spec: TensorSpec, plan: ImagePlan) {
  const sides = sidesOf(spec, plan, bitmap)
  const normalisation = normalisationOf(plan)
  canvas.width = sides?.width ?? 1
  canvas.height = sides?.height ?? 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context || !sides || !normalisation.ok) return undefined
  context.imageSmoothingQuality = 'high'
  // What is transparent counts as white, as on paper.
  context.fillStyle = 'white'
  context.fillRect(0, 0, sides.width, sides.height)
  context.drawImage(bitmap, 0, 0, sides.width, sides.height)
  const pixels = context.getImageData(0, 0, sides.width, sides.height)
  const { layout, order } = plan
  return imageTensor(spec, pixels, { layout, order, normalisation: normalisation.value })
}

function DropArea({ name, onFile }: { name: string; onFile: (file: File | undefined) => void }) {
  const [isOver, setOver] = useState(false)
  const over = (isInside: boolean) => (event: DragEvent) => {
    event.preventDefault()
    setOver(isInside)
  }
  return (
    <label
      onDragOver={over(true)}
      onDragLeave={over(false)}
      onDrop={(event) => {
        over(false)(event)
        onFile(event.dataTransfer.files[0])
      }}
      className={cn(
        'flex cursor-pointer items-center justify-center gap-2 rounded-md border border-dashed p-4 text-sm has-focus-visible:outline-2 has-focus-visible:outline-accent',
        isOver ? 'border-accent bg-raised text-text' : 'border-line-strong text-soft hover:bg-raised',
      )}
    >
      <ImageUp size={17} aria-hidden />
      {words.drop}
      <input
        type="file"
        accept="image/*"
        aria-label={`${words.choose}: ${name}`}
        className="sr-only"
        onChange={(event) => {
          onFile(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </label>
  )
}
