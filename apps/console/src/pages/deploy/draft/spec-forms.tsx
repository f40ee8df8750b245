/** Spec forms: a deployment in words, as the file that "skerry apply -f" takes, and as a command. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { deployCommand } from '@skerry/core/deployments/deploy-command'
import { shortManifest } from '@skerry/core/deployments/deployment-manifest'
import { deploymentWords, type SpecRun } from '@skerry/core/deployments/deployment-words'
import { stringify } from 'yaml'
import { Card } from '../../../components/card.tsx'
import { CopyButton } from '../../../components/facts/copyable.tsx'
import { deployTexts } from '../english-deploy.ts'

const words = deployTexts.review

type WordsProps = { spec: DeploymentSpec; version?: number | undefined } & SpecRun

/** A paragraph that a person can read aloud. */
export const SpecWords = ({ spec, version, ...run }: WordsProps) => (
  <p className="max-w-prose text-sm leading-relaxed wrap-anywhere">{deploymentWords(spec, version, run)}</p>
)

const specYaml = (spec: DeploymentSpec): string => stringify(shortManifest(spec), { lineWidth: 0 })

type FormsProps = { spec: DeploymentSpec; existing: DeploymentSpec | undefined; caution?: string | undefined }

/**
 * File and command, with buttons that copy them. `existing` is the deployment that the hub has under this name.
 * `caution`: a reason not to apply the spec as it is.
 */
export function SpecForms({ spec, existing, caution }: FormsProps) {
  const yaml = specYaml(spec)
  const line = deployCommand(spec, existing)
  const command = line ?? `skerry apply -f ${spec.name}.yaml`
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Card
        title={words.yaml}
        aside={
          <span className="flex items-center gap-2 text-xs text-soft">
            {words.yamlHint}
            <CopyButton value={yaml} what={words.copyYaml} />
          </span>
        }
        isFlush
      >
        <Caution text={caution} />
        <CodeBlock label={words.yaml} text={yaml.trimEnd()} />
      </Card>
      <Card title={words.command} aside={<CopyButton value={command} what={words.copyCommand} />} isFlush>
        <Caution text={caution} />
        {line === undefined && <p className="px-4 pt-3 text-sm text-soft">{words.commandNone}</p>}
        <CodeBlock label={words.command} text={command} isWrapped />
      </Card>
    </div>
  )
}

const Caution = ({ text }: { text: string | undefined }) =>
  text === undefined ? null : <p className="px-4 pt-3 text-sm text-warn">{text}</p>

/** The text as it is. Long lines scroll, by keyboard too. */
function CodeBlock({ label, text, isWrapped }: { label: string; text: string; isWrapped?: boolean }) {
  return (
    <section
      aria-label={label}
      // [WCAG 2.1.1] The keyboard must reach each part that scrolls.
      tabIndex={isWrapped ? undefined : 0}
      className="max-h-[32rem] overflow-auto"
    >
      <pre className={isWrapped ? 'p-4 font-mono text-xs wrap-anywhere whitespace-pre-wrap' : 'p-4 font-mono text-xs'}>
        {text}
      </pre>
    </section>
  )
}
