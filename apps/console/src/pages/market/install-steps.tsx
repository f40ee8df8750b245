/** Install steps: the dry run of an installation, as a list and as YAML. */
import type { InstallPlan, InstallStep } from '@skerry/contract/market/installation'
import { stepDocument } from '@skerry/core/market/step-document'
import { stringify } from 'yaml'
import { Card } from '../../components/card.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { Loading } from '../../components/page-state.tsx'
import { marketTexts } from './english-market.ts'

const words = marketTexts.install

export function InstallSteps({ plan }: { plan: InstallPlan | undefined }) {
  if (!plan)
    return (
      <Card title={words.review}>
        <Loading />
      </Card>
    )
  const yaml = plan.steps.map((step) => stringify(stepDocument(step))).join('---\n')
  return (
    <Card title={words.review} aside={<CopyButton value={yaml} what={words.copy} />}>
      <p className="mb-3 text-xs text-soft">{words.reviewLead}</p>
      <ol className="list-decimal space-y-1.5 pl-5 text-sm marker:text-faint">
        {plan.steps.map((step) => (
          <li key={`${step.does} ${nameOf(step)}`}>
            {words.does[step.does]} <span className="font-mono text-xs wrap-anywhere">{nameOf(step)}</span>
          </li>
        ))}
      </ol>
      <details className="mt-3">
        <summary className="cursor-pointer rounded text-xs font-medium text-accent">{words.yaml}</summary>
        <pre className="mt-2 max-h-96 overflow-auto rounded-md bg-raised p-3 font-mono text-2xs leading-5">{yaml}</pre>
      </details>
    </Card>
  )
}

function nameOf(step: InstallStep): string {
  switch (step.does) {
    case 'push':
      return step.push.name
    case 'deploy':
      return step.spec.name
    case 'remove-deployment':
      return step.deployment
    case 'set-connection':
    case 'remove-connection':
      return `${step.connection} ${step.name}`
  }
}
