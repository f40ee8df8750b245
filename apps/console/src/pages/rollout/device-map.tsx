/**
 * Device map: the devices of a wave as cells, thousands of them, on a canvas that draws only the visible ones. Pointer
 * and arrow keys name a device, a click or Enter opens it. The table below shows the same data in words.
 */

import type { ShownDevice } from '@skerry/core/rollouts/views/rollout-words'
import { useNavigate } from '@tanstack/react-router'
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { useWidth } from '../../components/charts/use-width.ts'
import { cn } from '../../components/class-names.ts'
import { Scrollable } from '../../components/scrollable.tsx'
import { useColourScheme } from '../../theme/colour-scheme.ts'
import { drawCells, makeStamps, type Scene, type Stamps } from './cell-drawing.ts'
import { type CellLayout, indexAfter, indexAt, layoutOf } from './cell-layout.ts'
import { CellMark } from './cell-mark.tsx'
import { rolloutPageTexts } from './english-rollout.ts'

const words = rolloutPageTexts.rolloutPage

/** Two waves and their surroundings fit a screen. */
const HEIGHT_MAX_PX = 400

type MapProps = { devices: readonly ShownDevice[]; label: string; size: number }

/** The map, with the pointed device below it. */
export function DeviceMap({ devices, label, size }: MapProps) {
  const [box, width] = useWidth()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [top, setTop] = useState(0)
  const [pointed, setPointed] = useState<number>()
  const navigate = useNavigate()
  const layout = useMemo(() => layoutOf(devices.length, { width, size }), [devices.length, width, size])
  const height = Math.min(HEIGHT_MAX_PX, layout.height)
  useDrawing(canvas, { devices, layout, top, width, height, pointed })
  useInSight(box, layout, pointed)
  const open = (index: number | undefined) => {
    const device = index === undefined ? undefined : devices[index]
    if (device) void navigate({ to: '/devices/$device', params: { device: device.device } })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') return open(pointed)
    if (event.key === 'Escape') return setPointed(undefined)
    const next = indexAfter(event.key, pointed, { ...layout, count: devices.length })
    if (next === undefined) return
    event.preventDefault()
    setPointed(next)
  }
  const at = ({ nativeEvent: { offsetX: x, offsetY: y } }: MouseEvent) => {
    const index = indexAt(layout, { x, y: y + top })
    return index !== undefined && index < devices.length ? index : undefined
  }
  return (
    <div className="min-w-0">
      <Scrollable
        ref={box}
        role="application"
        aria-roledescription={words.map}
        aria-label={label}
        aria-description={words.mapHint}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onBlur={() => setPointed(undefined)}
        className="overflow-x-hidden overflow-y-auto rounded"
        style={{ height }}
      >
        <div style={{ height: layout.height }}>
          <canvas
            ref={canvas}
            className={cn('sticky top-0 block', pointed !== undefined && 'cursor-pointer')}
            style={{ width, height }}
            onMouseMove={(event) => setPointed(at(event))}
            onMouseLeave={() => setPointed(undefined)}
            onClick={(event) => open(at(event))}
          />
        </div>
      </Scrollable>
      <Pointed device={pointed === undefined ? undefined : devices[pointed]} />
    </div>
  )
}

function Pointed({ device }: { device: ShownDevice | undefined }) {
  return (
    <p aria-live="polite" className="mt-1.5 flex h-5 items-center gap-1.5 text-xs text-soft">
      {device && (
        <>
          <CellMark outcome={device.outcome} />
          <span className="truncate">{words.cell(device)}</span>
        </>
      )}
    </p>
  )
}

function useDrawing(canvas: RefObject<HTMLCanvasElement | null>, scene: Scene) {
  const scheme = useColourScheme()
  const made = useRef<{ key: string; stamps: Stamps }>(undefined)
  const { devices, layout, top, width, height, pointed } = scene
  useLayoutEffect(() => {
    const node = canvas.current
    if (!node || width === 0) return
    const key = `${layout.cell} ${scheme}`
    if (made.current?.key !== key) {
      made.current = { key, stamps: makeStamps(node, Math.round(layout.cell * window.devicePixelRatio)) }
    }
    drawCells(node, made.current.stamps, { devices, layout, top, width, height, pointed })
  }, [canvas, scheme, devices, layout, top, width, height, pointed])
}

/** Scrolls to the cell that the keys have reached. */
function useInSight(box: RefObject<HTMLDivElement | null>, layout: CellLayout, pointed: number | undefined) {
  useEffect(() => {
    const node = box.current
    if (!node || pointed === undefined) return
    const y = Math.floor(pointed / layout.columns) * layout.step
    if (y < node.scrollTop) node.scrollTop = y
    if (y + layout.step > node.scrollTop + node.clientHeight) node.scrollTop = y + layout.step - node.clientHeight
  }, [box, layout, pointed])
}
