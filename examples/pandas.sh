#!/usr/bin/env bash
# pandas reads CSV, JSON and Arrow files.
set -euo pipefail

stream-generate 'id = 0..3, part = 0..2' -o parts.arrows
stream-to-csv parts.arrows | python -c '
import pandas as pd, sys
print(pd.read_csv(sys.stdin).sum().to_dict())
'
stream-to-json parts.arrows | python -c '
import pandas as pd, sys
print(pd.read_json(sys.stdin, lines=True).sum().to_dict())
'
stream-to-file parts.arrows -o parts.feather
python -c '
import pandas as pd
print(pd.read_feather("parts.feather").sum().to_dict())
'

# Prints:
# {'id': 6, 'part': 3}
# {'id': 6, 'part': 3}
# {'id': 6, 'part': 3}
