/** Chosen files: each file with its part, the missing files, and the reasons for which the hub would reject them. */
import { FileBox, FileQuestion, FileX, Sigma, SquareCheck, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Card } from '../../../components/card.tsx'
import { sizeText } from '../../../components/charts/amounts.ts'
import { Badge } from '../../../components/facts/badge.tsx'
import type { Tone } from '../../../components/facts/tones.ts'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { SignatureTable } from '../signature-table.tsx'
import { pushAdvice, uploadTexts as words } from './english-upload.ts'
import type { LocalFile } from './file-plan.ts'
import type { DropReading } from './read-drop.ts'

type Read = Extract<DropReading, { kind: 'read' }>
type Part = keyof typeof words.parts
export type FilePart = { path: string; part: Part; sizeBytes?: number }

const LOOKS: Readonly<Record<Part, { tone: Tone; icon: typeof FileBox }>> = {
  model: { tone: 'good', icon: FileBox },
  weights: { tone: 'good', icon: Sigma },
  golden: { tone: 'good', icon: SquareCheck },
  settings: { tone: 'good', icon: Sigma },
  prompts: { tone: 'good', icon: SquareCheck },
  missing: { tone: 'bad', icon: FileX },
  unused: { tone: 'idle', icon: FileQuestion },
}

/** The table of files, the errors, and the inputs and outputs of the model. */
export function ChosenFiles({ reading }: { reading: Read }) {
  return (
    <>
      <Card title={words.files} isFlush>
        <FilesTable parts={partsOf(reading)} />
        <Remarks reading={reading} />
      </Card>
      {reading.summary && (
        <Card title={words.signature} isFlush>
          <SignatureTable summary={reading.summary} />
        </Card>
      )}
    </>
  )
}

/** The files with their parts and sizes. */
export function FilesTable({ parts }: { parts: readonly FilePart[] }) {
  return (
    <PlainTable
      label={words.files}
      headers={Object.values(words.fileColumns)}
      rows={parts.map(({ path, part, sizeBytes }) => ({
        key: `${part} ${path}`,
        cells: [
          <code key="path" className="font-mono text-xs wrap-anywhere">
            {path}
          </code>,
          <Badge key="part" tone={LOOKS[part].tone} icon={LOOKS[part].icon} isPlain>
            {words.parts[part]}
          </Badge>,
          sizeBytes === undefined ? '' : sizeText(sizeBytes),
        ],
      }))}
    />
  )
}

function partsOf({ model, plan }: Read): FilePart[] {
  const golden = plan.golden?.kind === 'file' ? [plan.golden.file] : (plan.golden?.files.map(({ file }) => file) ?? [])
  const entry = (part: Part) => (file: LocalFile) => ({ path: file.path, part, sizeBytes: file.sizeBytes })
  return [
    entry('model')(model),
    ...plan.weights.map(({ file }) => entry('weights')(file)),
    ...plan.missing.map((path) => ({ path, part: 'missing' as const })),
    ...golden.map(entry('golden')),
    ...plan.unused.map(entry('unused')),
  ]
}

function Remarks({ reading: { plan, refusal, golden, summary } }: { reading: Read }) {
  if (plan.missing.length > 0) return <Remark tone="bad">{words.missingHint}</Remark>
  if (refusal)
    return (
      <Remark tone="bad" title={words.refused} code={refusal.code}>
        {refusal.message}. {pushAdvice[refusal.code]}
      </Remark>
    )
  if (!summary) return <Remark tone="warn">{words.unread}</Remark>
  if (!golden) return <Remark tone="warn">{words.goldenNone}</Remark>
  if (!golden.ok)
    return (
      <Remark tone="bad" title={words.goldenRefused}>
        {golden.message}
      </Remark>
    )
  const { expected, ignored } = golden
  return (
    <Remark tone={expected.length > 0 ? 'good' : 'warn'} title={words.goldenCases(golden.golden.cases.length)}>
      {expected.length > 0 ? words.goldenExpected(expected.join(', ')) : words.goldenUnexpected}
      {ignored.length > 0 && <span className="block">{words.goldenIgnored(ignored.join(', '))}</span>}
    </Remark>
  )
}

type RemarkProps = { tone: 'good' | 'warn' | 'bad'; title?: string; code?: string; children?: ReactNode }

const ICON_TONE = { good: 'text-good', warn: 'text-warn', bad: 'text-bad' } as const

/** A line below the files, with the reason why they are good or bad. */
export function Remark({ tone, title, code, children }: RemarkProps) {
  const Icon = tone === 'good' ? SquareCheck : TriangleAlert
  return (
    <div
      role={tone === 'bad' ? 'alert' : undefined}
      className="flex items-start gap-2.5 border-t border-line px-4 py-3"
    >
      <Icon size={16} className={`mt-0.5 shrink-0 ${ICON_TONE[tone]}`} aria-hidden />
      <div className="min-w-0 text-sm">
        {title !== undefined && <p className="font-medium">{title}</p>}
        {children !== undefined && <p className="text-soft wrap-anywhere">{children}</p>}
        {code !== undefined && <p className="mt-1 font-mono text-xs text-soft">{code}</p>}
      </div>
    </div>
  )
}
