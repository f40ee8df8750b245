/** Parts card: the files of an agent package. Devices fetch only the parts that they do not have yet. */
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import { Card } from '../../components/card.tsx'
import { sizeText } from '../../components/charts/amounts.ts'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { agentTexts } from './english-agents.ts'

const words = agentTexts.parts

export function AgentPartsCard({ agent: { parts } }: { agent: AgentPackage }) {
  const { part, form, size } = words.columns
  return (
    <Card title={words.title} isFlush>
      <PlainTable
        label={words.title}
        headers={[part, form, size]}
        rows={parts.map(({ path, form, sizeBytes }) => ({
          key: path,
          cells: [
            <code key="path" className="font-mono text-xs font-medium wrap-anywhere">
              {path}
            </code>,
            words.forms[form],
            <span key="size" className="tabular whitespace-nowrap">
              {sizeText(sizeBytes)}
            </span>,
          ],
        }))}
      />
    </Card>
  )
}
