// For the depcruise command; the rules are typed there.
import { importRules } from './scripts/import-rules.ts';

export default importRules;
