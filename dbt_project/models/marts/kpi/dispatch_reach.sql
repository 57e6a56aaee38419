-- Grain: one municipality × month (see kpi_rows).
{{ reached_in_fiscal_year('dispatch') }}
