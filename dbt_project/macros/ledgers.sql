{#- Whether a row of a case ledger is under support at the end of `month`. -#}
{% macro is_active(closed_ym, returned_ym, month) -%}
    (
        ({{ closed_ym }} is null or {{ closed_ym }} > {{ month }})
        and ({{ returned_ym }} is null or {{ returned_ym }} > {{ month }})
    )
{%- endmacro %}
