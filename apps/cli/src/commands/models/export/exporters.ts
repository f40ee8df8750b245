/** Exporters: all layouts in which a version can be written. A new one adds a file and a row. */
import type { Exporter } from './exporter.ts'
import { exportHuggingFace } from './hugging-face-exporter.ts'
import { exportMlflow } from './mlflow-exporter.ts'
import { exportOci } from './oci-exporter.ts'
import { exportTriton } from './triton-exporter.ts'

export const LAYOUTS = ['triton', 'hugging-face', 'mlflow', 'oci'] as const
type Layout = (typeof LAYOUTS)[number]

export const exporters: Readonly<Record<Layout, Exporter>> = {
  triton: exportTriton,
  'hugging-face': exportHuggingFace,
  mlflow: exportMlflow,
  oci: exportOci,
}
