/** Copy card: the same request as a command or a small program, through the hub or on the device itself. */

import type { NamedTensor } from '@skerry/contract/models/infer'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { cn } from '../../../components/class-names.ts'
import { CopyButton } from '../../../components/facts/copyable.tsx'
import { Scrollable } from '../../../components/scrollable.tsx'
import { queries } from '../../../hub/queries.ts'
import { playgroundWords } from '../english-playground.ts'
import { saveText } from '../save-text.ts'
import { INPUTS_FILE, inputsFile } from './run-commands.ts'
import { languagesOf, restOf, type SnippetRun, snippetOf, TARGETS, type Target } from './run-snippets.ts'

const words = playgroundWords.copy

type CopyCardProps = {
  model: string
  version: number
  device: string | undefined
  inputs: readonly NamedTensor[] | undefined
}

export function CopyCard({ model, version, device, inputs }: CopyCardProps) {
  const { data } = useQuery({ ...queries.device(device ?? ''), enabled: device !== undefined })
  const rest = data?.endpoints.rest
  const run = useMemo(
    () =>
      device === undefined || inputs === undefined
        ? undefined
        : { hub: window.location.origin, device, model, version, inputs, rest },
    [device, inputs, model, version, rest],
  )
  return (
    <Card title={words.title} isFlush={run !== undefined}>
      {run ? <Snippets run={run} /> : <p className="text-sm text-soft">{words.pending}</p>}
    </Card>
  )
}

function Snippets({ run }: { run: SnippetRun }) {
  const [target, setTarget] = useState<Target>('hub')
  const [chosen, setLanguage] = useState<ReturnType<typeof languagesOf>[number]>('cli')
  const languages = languagesOf(target)
  const language = languages.includes(chosen) ? chosen : 'curl'
  const snippet = useMemo(() => snippetOf(run, target, language), [run, target, language])
  return (
    <div className="divide-y divide-line">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
        <Switch legend={words.where} options={TARGETS} value={target} names={words.targets} onChoose={setTarget} />
        <Switch
          legend={words.how}
          options={languages}
          value={language}
          names={words.languages}
          onChoose={setLanguage}
        />
      </div>
      {snippet ? (
        <SnippetText name={words.languages[language]} text={snippet.text} />
      ) : (
        <p className="p-4 text-sm text-soft">{words.uncarried[target]}</p>
      )}
      {target === 'device' && <p className="px-4 py-3 text-sm text-soft">{words.onDevice(run.device, restOf(run))}</p>}
      {target === 'hub' && language !== 'cli' && <Authority />}
      {snippet?.isInFile && (
        <div className="flex flex-wrap items-center justify-between gap-3 p-4 text-sm text-soft">
          {words.file}
          <Button isSmall onClick={() => saveText(INPUTS_FILE, inputsFile(run))}>
            <Download size={13} aria-hidden />
            {words.download}
          </Button>
        </div>
      )}
    </div>
  )
}

type SwitchProps<Option extends string> = {
  legend: string
  options: readonly Option[]
  value: Option
  names: Readonly<Record<Option, string>>
  onChoose: (option: Option) => void
}

const Switch = <Option extends string>({ legend, options, value, names, onChoose }: SwitchProps<Option>) => (
  <fieldset className="flex flex-wrap">
    <legend className="sr-only">{legend}</legend>
    {options.map((option) => (
      <button
        key={option}
        type="button"
        aria-pressed={option === value}
        onClick={() => onChoose(option)}
        className={cn(
          'h-7 rounded-md px-2.5 text-xs',
          option === value ? 'bg-raised font-medium text-text' : 'text-soft hover:text-text',
        )}
      >
        {names[option]}
      </button>
    ))}
  </fieldset>
)

const SnippetText = ({ name, text }: { name: string; text: string }) => (
  <div className="relative p-4">
    <Scrollable
      as="pre"
      aria-label={name}
      className="max-h-80 overflow-auto rounded-md bg-raised p-2.5 pr-10 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap"
    >
      {text}
    </Scrollable>
    <span className="absolute top-5.5 right-6 rounded bg-raised">
      <CopyButton value={text} what={name} />
    </span>
  </div>
)

/** The hub's certificate comes from its own authority, which programs do not know. */
function Authority() {
  const { data } = useQuery(queries.about())
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 px-4 py-3 text-sm text-soft">
      <span className="min-w-0 flex-1 basis-60">{words.authority}</span>
      <Button
        isSmall
        blocked={data ? undefined : words.authorityPending}
        onClick={() => data && saveText('ca.pem', data.caPem, 'application/x-pem-file')}
      >
        <Download size={13} aria-hidden />
        {words.downloadAuthority}
      </Button>
    </div>
  )
}
