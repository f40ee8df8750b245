/** Pixel picture: a tensor with the shape of an image, drawn pixel by pixel. */
import { useEffect, useRef } from 'react'
import { shortNumber } from '../charts/short-number.ts'
import type { TensorPlot } from './tensor-plot.ts'

type Picture = Extract<TensorPlot, { kind: 'picture' }>

export function PixelPicture({ label, plot: { width, height, pixels, bounds } }: { label: string; plot: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0)
  }, [pixels, width, height])
  return (
    <>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        width={width}
        height={height}
        className="block max-h-72 w-full max-w-72 rounded-sm border border-line object-contain [image-rendering:pixelated]"
      />
      <p className="mt-1.5 text-xs text-soft tabular">
        {width} × {height}, {shortNumber(bounds.low)} – {shortNumber(bounds.high)}
      </p>
    </>
  )
}
