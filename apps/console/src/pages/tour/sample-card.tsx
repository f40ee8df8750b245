/** Sample card: names the sample data on the overview while the hub holds them, and removes them. */
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { beginTour, useMaking } from './begin-tour.ts'
import { tourTexts } from './english-tour.ts'
import { RemoveSample } from './remove-sample.tsx'
import { useTourRefusal } from './use-tour-permission.ts'

const words = tourTexts.sample

export function SampleCard() {
  const [isRemoving, setRemoving] = useState(false)
  const isMaking = useMaking()
  const refusal = useTourRefusal() ?? (isMaking ? tourTexts.making : undefined)
  return (
    <Card title={words.title}>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-3xl text-sm text-soft">{isMaking ? tourTexts.making : words.hint}</p>
        <span className="flex flex-wrap gap-2">
          <Button isSmall blocked={refusal} onClick={() => void beginTour()}>
            {words.again}
          </Button>
          <Button isSmall look="danger" blocked={refusal} onClick={() => setRemoving(true)}>
            {words.remove}
          </Button>
        </span>
      </div>
      {isRemoving && <RemoveSample onClose={() => setRemoving(false)} />}
    </Card>
  )
}
