/** Count rows: carries out an order of a survey. The device counts its rows, and sends the counts. */
import { mkdir } from 'node:fs/promises'
import type { CampaignReport } from '@skerry/contract/campaigns/update'
import type { SurveyOrder } from '@skerry/contract/held/campaigns'
import type { RowSource } from '@skerry/inference/train/row-source'
import { countData } from '@skerry/inference/train/train-model'
import { digestOfFile } from '@skerry/platform/files/hash'
import { failed, limitsOf, type OrderDeps } from './order-parts.ts'
import { inGoodMoment } from './training-moment.ts'

type Counting = { order: SurveyOrder; outPath: string; source: RowSource }

/** The report, with the counts in the file. */
export async function countedReport(
  deps: OrderDeps,
  { order, outPath, source }: Counting,
  signal: AbortSignal,
): Promise<CampaignReport> {
  const { data, columns, masking, deadlineMs } = order
  await mkdir(deps.folder, { recursive: true })
  const width = data.shape.reduce((a, b) => a * b, 1)
  const counting = {
    kind: 'survey' as const,
    rows: source,
    layout: { classes: data.classes, width, columns },
    outPath,
  }
  const count = (ending: AbortSignal) => countData(counting, limitsOf(deps, order), ending)
  const moment = await inGoodMoment({ ...deps, deadlineMs }, count, signal)
  if (!moment.ok) return failed('training_waits', moment.message)
  const result = moment.value
  if (!result.ok) return failed(result.code, result.message)
  if (masking?.stage === 'update' && deps.session) {
    const { maskCounts } = await import('./masked-update.ts')
    const masked = await maskCounts({ session: deps.session, order: masking, path: outPath })
    if (!masked.ok) return failed(masked.code, masked.message)
  }
  const { digest } = await digestOfFile(deps.fileSystem, outPath, signal)
  return { kind: 'surveyed', rows: result.rows, digest }
}
