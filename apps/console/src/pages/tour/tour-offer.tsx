/** Tour offer: a button that makes the sample data and begins the tour. */
import { Compass } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { beginTour, useMaking } from './begin-tour.ts'
import { tourTexts as words } from './english-tour.ts'
import { useTourRefusal } from './use-tour-permission.ts'

export function TourOffer() {
  const isMaking = useMaking()
  const refusal = useTourRefusal()
  return (
    <span className="flex items-center gap-3">
      <span className="text-xs text-soft max-sm:hidden" role="status">
        {isMaking ? words.making : words.offerHint}
      </span>
      <Button
        isSmall
        look="primary"
        blocked={refusal ?? (isMaking ? words.making : undefined)}
        onClick={() => void beginTour()}
      >
        <Compass size={14} aria-hidden />
        {words.offer}
      </Button>
    </span>
  )
}
