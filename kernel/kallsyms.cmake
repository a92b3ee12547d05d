# cmake -DAWK=awk -DSCRIPT=kallsyms.awk -DOUT=file [-DNM=nm -DELF=image] [-DSAME_AS=file]
#       -P kallsyms.cmake
# Writes the symbol table of ELF (an empty one without ELF) as assembler source to OUT. With
# SAME_AS, it is an error if that file differs.
if(DEFINED ELF)
    execute_process(COMMAND ${NM} -n ${ELF} COMMAND ${AWK} -f ${SCRIPT}
        OUTPUT_FILE ${OUT} COMMAND_ERROR_IS_FATAL ANY)
else()
    execute_process(COMMAND ${AWK} -f ${SCRIPT} INPUT_FILE /dev/null
        OUTPUT_FILE ${OUT} COMMAND_ERROR_IS_FATAL ANY)
endif()
if(DEFINED SAME_AS)
    file(READ ${OUT} now)
    file(READ ${SAME_AS} before)
    if(NOT now STREQUAL before)
        file(REMOVE ${ELF})
        message(FATAL_ERROR "kallsyms: the two links of the image disagree about text addresses")
    endif()
endif()
