/** Cell drawing: draws the visible part of a map on a canvas. It draws each shape once, and stamps it from then on. */
import { SHOWN_OUTCOMES, type ShownDevice, type ShownOutcome } from '@skerry/core/rollouts/views/rollout-words'
import { FAILURE_KINDS } from '@skerry/core/rollouts/wave-verdict'
import type { CellLayout } from './cell-layout.ts'
import { SHAPE_BOX, SHAPE_COLOUR, SHAPES } from './cell-shapes.ts'

type Stamp = HTMLCanvasElement
export type Stamps = ReadonlyMap<ShownOutcome, Stamp>

/** The shapes at this size, in the current colours of the canvas. */
export function makeStamps(canvas: HTMLCanvasElement, cellPx: number): Stamps {
  return new Map(SHOWN_OUTCOMES.map((outcome) => [outcome, makeStamp(outcome, colourOf(canvas, outcome), cellPx)]))
}

function makeStamp(outcome: ShownOutcome, colour: string, cellPx: number): HTMLCanvasElement {
  const stamp = document.createElement('canvas')
  stamp.width = cellPx
  stamp.height = cellPx
  const context = stamp.getContext('2d')
  context?.scale(cellPx / SHAPE_BOX, cellPx / SHAPE_BOX)
  if (context) context.fillStyle = colour
  context?.fill(new Path2D(SHAPES[outcome]), 'evenodd')
  return stamp
}

/** The browser resolves the theme's colour only for an element. */
function colourOf(canvas: HTMLCanvasElement, outcome: ShownOutcome): string {
  canvas.style.color = `var(${SHAPE_COLOUR[outcome]})`
  return getComputedStyle(canvas).color
}

export type Scene = {
  devices: readonly Pick<ShownDevice, 'outcome'>[]
  layout: CellLayout
  /** The scroll position, and the visible height. */
  top: number
  width: number
  height: number
  pointed: number | undefined
}

/** These outcomes need a person. They must be visible among thousands of others. */
const URGENT: ReadonlySet<ShownOutcome> = new Set([...FAILURE_KINDS, 'tolerated'])
/** From this size on, a mark is visible enough by itself. */
const STANDS_OUT_PX = 12
/** A small but urgent mark is this much larger on each side. It covers parts of its neighbours. */
const BEYOND_PX = 2

type Spot = { x: number; y: number }

function drawLarge(context: CanvasRenderingContext2D, stamp: Stamp | undefined, { x, y }: Spot, scale: number): void {
  if (!stamp) return
  const beyond = BEYOND_PX * scale
  const left = x - beyond
  const top = y - beyond
  const side = stamp.width + 2 * beyond
  context.clearRect(left - scale, top - scale, side + 2 * scale, side + 2 * scale)
  context.drawImage(stamp, left, top, side, side)
}

export function drawCells(canvas: HTMLCanvasElement, stamps: Stamps, scene: Scene): void {
  const { devices, layout, top, width, height, pointed } = scene
  const scale = window.devicePixelRatio
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const context = canvas.getContext('2d')
  if (!context) return
  const { step, columns, cell } = layout
  const first = Math.floor(top / step) * columns
  const last = Math.min(devices.length, Math.ceil((top + height) / step) * columns)
  const placeOf = (index: number) => ({
    x: Math.round((index % columns) * step * scale),
    y: Math.round((Math.floor(index / columns) * step - top) * scale),
  })
  const urgent: number[] = []
  for (let index = first; index < last; index++) {
    const outcome = devices[index]?.outcome ?? 'waiting'
    const stamp = stamps.get(outcome)
    const { x, y } = placeOf(index)
    if (URGENT.has(outcome) && cell < STANDS_OUT_PX) urgent.push(index)
    else if (stamp) context.drawImage(stamp, x, y)
  }
  for (const index of urgent) drawLarge(context, stamps.get(devices[index]?.outcome ?? 'failed'), placeOf(index), scale)
  if (pointed === undefined) return
  const { x, y } = placeOf(pointed)
  canvas.style.color = 'var(--text)'
  context.strokeStyle = getComputedStyle(canvas).color
  context.lineWidth = 2 * scale
  context.strokeRect(x - scale, y - scale, (cell + 2) * scale, (cell + 2) * scale)
}
